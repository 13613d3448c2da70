import type { SteeringPreview } from '@monosema/catalog';
import { formatNumber } from '@monosema/ui';
import { Section } from '../../../../components/section.tsx';
import { steeredPieces } from '../../../../components/steering-words.ts';

const styleOf = { same: 'text-muted', changed: '', new: 'text-ink bg-accent-soft rounded-sm font-semibold' } as const;

/** Continuations with the feature's direction added, each beside the model's own. */
export function SteeringSection({ previews }: { previews: readonly SteeringPreview[] }) {
  if (previews.length === 0) {
    return (
      <Section title="Steering">
        <p className="card text-muted p-4 text-sm">
          No previews for this feature: they are made for the best-scored live features of a source, once its run is
          through.
        </p>
      </Section>
    );
  }
  return (
    <Section
      title="Steering"
      note="Greedy continuations. Grey: as without steering. Shaded: words that the other never says."
    >
      <ul className="space-y-3">
        {previews.map((preview) => (
          <Comparison key={`${preview.promptIndex} ${preview.strength}`} preview={preview} />
        ))}
      </ul>
    </Section>
  );
}

function Comparison({ preview }: { preview: SteeringPreview }) {
  const { prompt, baseline, steered, strength } = preview;
  return (
    <li className="card overflow-hidden text-sm">
      <p className="border-line bg-surface-sunken border-b px-3 py-1.5 font-mono text-[0.8125rem] whitespace-pre-wrap">
        {prompt || '(start of text)'}
      </p>
      <div className="divide-line grid divide-y sm:grid-cols-2 sm:divide-x sm:divide-y-0">
        <div className="min-w-0 px-3 py-2">
          <h3 className="text-muted mb-1 text-xs font-medium">Without steering</h3>
          <p className="whitespace-pre-wrap">{baseline.trim()}</p>
        </div>
        <div className="min-w-0 px-3 py-2">
          <h3 className="text-muted mb-1 text-xs font-medium">
            Steered, strength <span className="text-ink">{formatNumber(strength)}</span>
          </h3>
          <p className="whitespace-pre-wrap">
            {steeredPieces(baseline.trim(), steered.trim()).map(({ kind, text }, i) => (
              <span key={i} className={styleOf[kind]}>
                {text}
              </span>
            ))}
          </p>
        </div>
      </div>
    </li>
  );
}
