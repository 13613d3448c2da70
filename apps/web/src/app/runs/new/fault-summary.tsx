/** Names of the request's fields as the form labels them. */
export const fieldLabels = {
  modelId: 'Model',
  dataSetId: 'Data set',
  hookPoint: 'Hook point',
  architecture: 'Architecture',
  dSae: 'Width (d_sae)',
  k: 'Active latents (k)',
  l1Coefficient: 'L1 coefficient',
  l0Coefficient: 'L0 coefficient',
  widths: 'Levels',
  trainingTokens: 'Training tokens',
  learningRate: 'Learning rate',
  sourceId: 'Set name',
  batchTokens: 'Batch',
  contextSize: 'Context size',
  seed: 'Seed',
} as const satisfies Record<string, string>;

const labelOf = (field: string): string =>
  field in fieldLabels ? fieldLabels[field as keyof typeof fieldLabels] : field;

/** Why nothing was launched, read out at once: every fault by its field's label. */
export function FaultSummary({ message, faults }: { message: string; faults: Record<string, string[]> }) {
  const entries = Object.entries(faults);
  return (
    <div role="alert" className="card border-danger bg-danger-soft p-3 text-danger">
      {entries.length === 0 ? (
        message
      ) : (
        <ul>
          {entries.map(([field, messages]) => (
            <li key={field}>
              <strong>{labelOf(field)}:</strong> {messages.join('; ')}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
