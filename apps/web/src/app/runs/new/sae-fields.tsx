import { trainingPreset, type LaunchableArchitecture } from '@monosema/catalog';
import { fieldLabels } from './fault-summary.tsx';
import type { DraftFields } from './launch-form.tsx';
import { NumberField } from '../../../forms/number-field.tsx';

const architectures: readonly { value: LaunchableArchitecture; name: string; note: string }[] = [
  { value: 'topk', name: 'TopK', note: 'Keeps the k strongest latents of each token: sparsity is set, not hoped for.' },
  {
    value: 'batchtopk',
    name: 'BatchTopK',
    note: 'Keeps k a token on average: plain tokens take fewer, rich ones more. Saved with a threshold.',
  },
  {
    value: 'matryoshka_batchtopk',
    name: 'Matryoshka',
    note: 'Levels within each other: the first latents stay general instead of being split up.',
  },
  {
    value: 'standard',
    name: 'ReLU + L1',
    note: 'The classic: a penalty on activations makes them sparse, and somewhat too small.',
  },
  {
    value: 'gated',
    name: 'Gated',
    note: 'One path decides which latents are active, another how much: nothing shrinks.',
  },
  {
    value: 'jumprelu',
    name: 'JumpReLU',
    note: 'A threshold for each latent, learned against the number of active ones.',
  },
];

/** How sparse, by what the architecture has for it. */
const sparsityHints = {
  k: 'How many features explain one token (its L0). Fewer are easier to read; more reconstruct better.',
  l1Coefficient: 'Weight of the sparsity penalty. Raise it until L0 is as low as you like; too high, and features die.',
  l0Coefficient: 'What one more active feature costs, in squared error. Raise it until L0 is as low as you like.',
} as const;

/** What kind of SAE, how wide and how sparse. */
export function SaeFields({ draft, change, faults }: DraftFields) {
  return (
    <fieldset className="card space-y-5 p-5">
      <legend className="px-1 font-semibold">Autoencoder</legend>
      <div role="radiogroup" aria-label={fieldLabels.architecture} className="grid gap-3 md:grid-cols-2 lg:grid-cols-3">
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
        {(['k', 'l1Coefficient', 'l0Coefficient'] as const)
          .filter((field) => trainingPreset(draft.architecture)[field] !== undefined)
          .map((field) => (
            <NumberField
              key={field}
              label={fieldLabels[field]}
              value={draft[field]}
              onChange={(value) => change({ [field]: value })}
              faults={faults[field]}
              hint={sparsityHints[field]}
            />
          ))}
      </div>
    </fieldset>
  );
}
