import type { SteeringPreview } from '@monosema/catalog';
import { formatNumber } from '@monosema/ui';
import { Section } from '../../../../components/section.tsx';
import { steeredPieces } from '../../../../components/steering-words.ts';

const styleOf = { same: 'text-muted', changed: '', new: 'bg-accent-soft rounded-sm font-medium' } as const;

/** Continuations with the feature's direction added, each prompt's beside what the model says by itself. */
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
  const prompts = [...new Set(previews.map(({ promptIndex }) => promptIndex))];
  return (
    <Section
      title="Steering"
      note="Greedy continuations. Grey: as without steering. Shaded: words that were not there."
    >
      <ul className="space-y-3">
        {prompts.map((prompt) => (
          <Comparison key={prompt} previews={previews.filter(({ promptIndex }) => promptIndex === prompt)} />
        ))}
      </ul>
    </Section>
  );
}

/** One prompt: the plain continuation, then one per strength. */
function Comparison({ previews }: { previews: readonly SteeringPreview[] }) {
  const { prompt, baseline } = previews[0]!;
  return (
    <li className="card overflow-hidden text-sm">
      <p className="border-line bg-surface-sunken border-b px-3 py-1.5 font-mono text-[0.8125rem] whitespace-pre-wrap">
        {prompt || '(start of text)'}
      </p>
      <div className="bg-line grid gap-px sm:auto-cols-fr sm:grid-flow-col">
        <Continuation title="Without steering">{baseline.trim()}</Continuation>
        {previews.map(({ strength, steered }) => (
          <Continuation key={strength} title={`Steered, strength ${formatNumber(strength)}`}>
            {steeredPieces(baseline.trim(), steered.trim()).map(({ kind, text }, i) => (
              <span key={i}>
                {/^\s*/.exec(text)?.[0]}
                <span className={styleOf[kind]}>{text.trimStart()}</span>
              </span>
            ))}
          </Continuation>
        ))}
      </div>
    </li>
  );
}

function Continuation({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="bg-surface-raised min-w-0 px-3 py-2">
      <h3 className="text-muted mb-1 text-xs font-medium">{title}</h3>
      <p className="break-words whitespace-pre-wrap">{children}</p>
    </div>
  );
}
