import { fieldLabels } from './fault-summary.tsx';
import { FormField } from '../../../forms/form-field.tsx';
import type { DraftFields } from './launch-form.tsx';
import { NumberField } from '../../../forms/number-field.tsx';
import { sourceIdOf } from './source-name.ts';

/** How long, how fast, and under which name the result appears. */
export function TrainingFields({ draft, change, faults }: DraftFields) {
  return (
    <fieldset className="card grid gap-5 p-5 md:grid-cols-2">
      <legend className="px-1 font-semibold">Training</legend>
      <NumberField
        label={fieldLabels.trainingTokens}
        value={draft.trainingTokens}
        onChange={(trainingTokens) => change({ trainingTokens })}
        faults={faults.trainingTokens}
        hint="Tokens seen in all, in batches of 2,048. Text is read again when it runs out."
      />
      <NumberField
        label={fieldLabels.learningRate}
        value={draft.learningRate}
        onChange={(learningRate) => change({ learningRate })}
        faults={faults.learningRate}
        hint="Step size of Adam, falling to zero over the last fifth. 0.004 suits TopK on small models; wide SAEs and ReLU + L1 want less."
      />
      <FormField
        label={fieldLabels.sourceId}
        faults={faults.sourceId}
        hint={
          <>
            A short name for this kind of SAE. The features will be at{' '}
            <output className="font-mono text-ink">
              /{draft.modelId}/{sourceIdOf(draft.hookPoint, draft.setName)}
            </output>
          </>
        }
      >
        {(control) => (
          <input
            {...control}
            className="field font-mono"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.setName}
            onChange={(event) => change({ setName: event.target.value })}
          />
        )}
      </FormField>
    </fieldset>
  );
}
