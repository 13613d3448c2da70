import type { LaunchableArchitecture } from '@monosema/catalog';
import { fieldLabels } from './fault-summary.tsx';
import type { DraftFields } from './launch-form.tsx';
import { NumberField } from '../../../forms/number-field.tsx';

const architectures: readonly { value: LaunchableArchitecture; name: string; note: string }[] = [
  { value: 'topk', name: 'TopK', note: 'Keeps the k strongest latents of each token: sparsity is set, not hoped for.' },
  {
    value: 'standard',
    name: 'ReLU + L1',
    note: 'The classic: a penalty on activations makes them sparse, and somewhat too small.',
  },
];

/** What kind of SAE, how wide and how sparse. */
export function SaeFields({ draft, change, faults }: DraftFields) {
  return (
    <fieldset className="card space-y-5 p-5">
      <legend className="px-1 font-semibold">Autoencoder</legend>
      <div role="radiogroup" aria-label={fieldLabels.architecture} className="grid gap-3 md:grid-cols-2">
        {architectures.map(({ value, name, note }) => (
          <label key={value} className="card flex gap-3 p-3 has-checked:border-accent has-checked:bg-accent-soft">
            <input
              type="radio"
              name="architecture"
              className="mt-1 accent-(--accent)"
              value={value}
              checked={draft.architecture === value}
              onChange={() => change({ architecture: value })}
            />
            <span>
              <span className="block font-medium">{name}</span>
              <span className="block text-sm text-muted">{note}</span>
            </span>
          </label>
        ))}
      </div>
      <div className="grid gap-5 md:grid-cols-2">
        <NumberField
          label={fieldLabels.dSae}
          value={draft.dSae}
          onChange={(dSae) => change({ dSae })}
          faults={faults.dSae}
          hint="How many features it can tell apart. 8 to 32 times d_in is usual; more splits features finer and trains slower."
        />
        {draft.architecture === 'topk' ? (
          <NumberField
            label={fieldLabels.k}
            value={draft.k}
            onChange={(k) => change({ k })}
            faults={faults.k}
            hint="How many features explain one token (its L0). Fewer are easier to read; more reconstruct better."
          />
        ) : (
          <NumberField
            label={fieldLabels.l1Coefficient}
            value={draft.l1Coefficient}
            onChange={(l1Coefficient) => change({ l1Coefficient })}
            faults={faults.l1Coefficient}
            hint="Weight of the sparsity penalty. Raise it until L0 is as low as you like; too high, and features die."
          />
        )}
      </div>
    </fieldset>
  );
}
