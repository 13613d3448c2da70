import type { Metadata } from 'next';
import { formatCount } from '@monosema/ui';
import Link from 'next/link';
import { Breadcrumbs } from '../../components/breadcrumbs.tsx';
import { FactList } from '../../components/fact-list.tsx';
import { Section } from '../../components/section.tsx';
import { SourceTable } from '../../components/source-table.tsx';
import { serverCaller } from '../../server/caller.ts';
import { orNotFound } from '../../server/or-not-found.ts';

interface ModelPageProps {
  params: Promise<{ model: string }>;
}

export async function generateMetadata({ params }: ModelPageProps): Promise<Metadata> {
  const { model } = await params;
  return { title: model, description: `Sparse autoencoders of ${model} by layer, and where the model comes from.` };
}

export default async function ModelPage({ params }: ModelPageProps) {
  const { model: modelId } = await params;
  const { model, sources } = await orNotFound((await serverCaller()).model.get({ modelId }));
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Breadcrumbs crumbs={[{ name: 'models', href: '/' }]} here={model.id} />
        <Link href={`/runs/new?model=${model.id}`} className="button text-sm">
          Train an SAE on it
        </Link>
      </div>
      <h1 className="mb-5">{model.displayName}</h1>
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
        <Section title="Sources" note="SAEs of this model, by layer" className="min-w-0">
          {sources.length > 0 ? (
            <SourceTable sources={sources} />
          ) : (
            <p className="card text-muted p-4">
              No SAE of this model is published yet. One appears here when a training run ends.
            </p>
          )}
        </Section>
        <div className="space-y-6">
          <Section title="Model">
            <div className="card p-4">
              <FactList
                facts={[
                  { name: 'Architecture', value: model.architecture },
                  { name: 'Layers', value: countOf(model.layers) },
                  { name: 'd_model', value: countOf(model.dModel), meaning: 'Width of the residual stream' },
                  { name: 'Vocabulary', value: countOf(model.vocabularySize, ' tokens') },
                  { name: 'Context', value: countOf(model.contextSize, ' tokens') },
                  { name: 'Origin', value: model.origin },
                  { name: 'Licence', value: model.licence },
                ]}
              />
            </div>
          </Section>
          <HookPoints hookPoints={model.hookPoints} />
        </div>
      </div>
    </>
  );
}

/** Null, which is no row, where nobody said how many. */
const countOf = (count: number | null, unit = ''): string | null =>
  count === null ? null : `${formatCount(count)}${unit}`;

function HookPoints({ hookPoints }: { hookPoints: readonly { name: string; width: number }[] }) {
  if (hookPoints.length === 0) return null;
  return (
    <details className="card">
      <summary className="px-4 py-2.5 font-medium">{formatCount(hookPoints.length)} hook points</summary>
      <ul className="border-line max-h-80 overflow-y-auto border-t px-4 py-2 font-mono text-[0.8125rem]">
        {hookPoints.map(({ name, width }) => (
          <li key={name} className="flex justify-between gap-3">
            <span className="min-w-0 break-all">{name}</span>
            <span className="text-muted">{width}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
