import type { Metadata } from 'next';
import { TRPCError } from '@trpc/server';
import { modelPath, type TrainingRequest } from '@monosema/catalog';
import { formatCount } from '@monosema/ui';
import { Breadcrumbs } from '../../../components/breadcrumbs.tsx';
import { RandomLink } from '../../../components/random-link.tsx';
import { Section } from '../../../components/section.tsx';
import { orNotFound } from '../../../server/or-not-found.ts';
import { serverCaller } from '../../../server/caller.ts';
import { EvaluationTable } from '../../runs/[runId]/evaluation-table.tsx';
import { FeatureTable } from './feature-table.tsx';
import { readListView } from './list-view.ts';
import { Provenance } from './provenance.tsx';

interface SourcePageProps {
  params: Promise<{ model: string; source: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata({ params }: SourcePageProps): Promise<Metadata> {
  const { model, source } = await params;
  return {
    title: `${model}/${source}`,
    description: `The features of the sparse autoencoder ${source} of ${model}, with its provenance and evaluation.`,
  };
}

export default async function SourcePage({ params, searchParams }: SourcePageProps) {
  const address = await params;
  const ids = { modelId: address.model, sourceId: address.source };
  const view = readListView(await searchParams);
  const caller = await serverCaller();
  const { source, model } = await orNotFound(caller.source.get(ids));
  const [page, request] = await Promise.all([
    orNotFound(caller.source.features({ ...ids, ...view })),
    source.runId === null ? null : requestOf(source.runId),
  ]);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Breadcrumbs crumbs={[{ name: model.id, href: modelPath(model.id) }]} here={source.id} />
        <RandomLink {...ids} className="button text-sm" shortcut>
          Random feature
        </RandomLink>
      </div>
      <header className="mb-5">
        <h1>{source.id}</h1>
        <p className="text-muted">
          {formatCount(source.liveFeatureCount)} live features of {formatCount(source.featureCount)}
          {source.hookPoint && (
            <>
              , at <code className="font-mono text-[0.875rem]">{source.hookPoint}</code>
            </>
          )}{' '}
          of {model.displayName}
        </p>
      </header>
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
        <Section title="Features" className="min-w-0">
          <FeatureTable ids={ids} view={view} rows={page.rows} next={page.next} />
        </Section>
        <div className="space-y-6">
          <Section title="Provenance">
            <div className="card p-4">
              <Provenance source={source} request={request} />
            </div>
          </Section>
          <EvaluationTable evaluation={source.evaluation} />
        </div>
      </div>
    </>
  );
}

/** What the run was asked for; null when the run itself is no longer known. */
async function requestOf(runId: string): Promise<TrainingRequest | null> {
  try {
    return (await (await serverCaller()).run.get({ runId })).request;
  } catch (error) {
    if (error instanceof TRPCError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
