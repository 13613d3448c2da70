import type { FeatureView, RunView } from '@monosema/api';
import type { ModelRecord } from '@monosema/catalog';
import { formatCount } from '@monosema/ui';
import Link from 'next/link';
import { FeatureCards } from '../components/feature-cards.tsx';
import { RandomLink } from '../components/random-link.tsx';
import { RecentRuns } from '../components/recent-runs.tsx';
import { Section } from '../components/section.tsx';
import { SourceTable } from '../components/source-table.tsx';
import { serverCaller } from '../server/caller.ts';

type Source = FeatureView['source'];
type Caller = Awaited<ReturnType<typeof serverCaller>>;
type FeatureRows = Awaited<ReturnType<Caller['source']['features']>>['rows'];

const cards = 9;
const runsShown = 5;
const sourcesConsidered = 8;

export default async function HomePage() {
  const caller = await serverCaller();
  const [models, sources, runs] = await Promise.all([
    caller.model.list(),
    caller.source.list(),
    caller.run.list({ limit: runsShown }),
  ]);
  const { source: shown, rows } = await mostLegible(caller, sources);
  return (
    <div className="space-y-8">
      <Introduction
        features={sources.reduce((sum, source) => sum + source.liveFeatureCount, 0)}
        sources={sources.length}
      />
      {shown && rows.length > 0 && (
        <Section
          title="Features to look at"
          note={
            <>
              best-scored of{' '}
              <Link href={`/${shown.modelId}/${shown.id}`} className="link font-mono">
                {shown.modelId}/{shown.id}
              </Link>
            </>
          }
          actions={
            <RandomLink modelId={shown.modelId} sourceId={shown.id} className="button text-sm" shortcut>
              Random feature
            </RandomLink>
          }
        >
          <FeatureCards ids={{ modelId: shown.modelId, sourceId: shown.id }} rows={rows} />
        </Section>
      )}
      <div className="grid gap-8 lg:grid-cols-2">
        <Section title="Models and sources" className="min-w-0">
          <ul className="mb-3 flex flex-wrap gap-2">
            {models.map((model) => (
              <li key={model.id}>
                <Link href={`/${model.id}`} className="card hover:border-line-strong block px-3 py-2">
                  <span className="font-medium">{model.displayName}</span>
                  <span className="text-muted block text-xs">{sizeOf(model)}</span>
                </Link>
              </li>
            ))}
          </ul>
          {sources.length > 0 ? (
            <SourceTable sources={sources} withModel />
          ) : (
            <NoSources
              hasModels={models.length > 0}
              run={runs.find(({ status }) => status === 'running' || status === 'queued')}
            />
          )}
        </Section>
        <RecentRuns initial={runs} limit={runsShown} />
      </div>
    </div>
  );
}

function Introduction({ features, sources }: { features: number; sources: number }) {
  return (
    <header className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
      <div>
        <h1 className="text-[1.75rem]!">What do the features of a language model mean?</h1>
        <p className="text-muted mt-2 max-w-2xl">
          Train a sparse autoencoder on a model's activations, see what each of its features reacts to and what it makes
          the model say, and write down what you find.
          {features > 0 && (
            <>
              {' '}
              Here are <strong className="text-ink font-semibold">{formatCount(features)} live features</strong> of{' '}
              {formatCount(sources)} {sources === 1 ? 'autoencoder' : 'autoencoders'}.
            </>
          )}
        </p>
      </div>
      <Link href="/runs/new" className="button button-primary">
        Train an SAE
      </Link>
    </header>
  );
}

function NoSources({ hasModels, run }: { hasModels: boolean; run: RunView | undefined }) {
  return (
    <p className="card text-muted p-4">
      {run && (
        <>
          <Link href={`/runs/${run.id}`} className="link">
            An SAE is being trained right now
          </Link>
          : its features appear here as soon as their dashboards are made, in a few minutes.
        </>
      )}
      {!run &&
        hasModels &&
        'No SAE is published yet. Features appear here when a training run has made their dashboards.'}
      {!run && !hasModels && 'The bundled model is being brought in; this takes a few seconds on the first start.'}
    </p>
  );
}

/** Of the newest sources the one whose best-scored feature scores highest, with its best-scored features. */
async function mostLegible(
  caller: Caller,
  sources: readonly Source[],
): Promise<{ source?: Source; rows: FeatureRows }> {
  const newest = [...sources]
    .sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())
    .slice(0, sourcesConsidered);
  const candidates = await Promise.all(
    newest.map(async (source) => ({
      source,
      rows: (
        await caller.source.features({ modelId: source.modelId, sourceId: source.id, liveOnly: true, limit: cards })
      ).rows,
    })),
  );
  const score = ({ rows }: { rows: FeatureRows }): number => rows[0]?.score ?? -1;
  return candidates.reduce<{ source?: Source; rows: FeatureRows }>(
    (best, next) => (score(next) > score(best) ? next : best),
    { rows: [] },
  );
}

/** What is known of a model's size. */
const sizeOf = ({ architecture, layers, dModel }: Pick<ModelRecord, 'architecture' | 'layers' | 'dModel'>): string =>
  [architecture, layers && `${formatCount(layers)} layers`, dModel && `d_model ${formatCount(dModel)}`]
    .filter(Boolean)
    .join(', ') || 'imported';
