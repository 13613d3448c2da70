'use client';

import { useQuery } from '@tanstack/react-query';
import type { inferRouterOutputs } from '@trpc/server';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import type { AppRouter } from '@monosema/api';
import { architectureNames, sparsityOf } from './architectures.ts';
import { useTRPC } from '../trpc/client.tsx';
import { Section } from './section.tsx';

type Run = inferRouterOutputs<AppRouter>['run']['list'][number];

const isGoing = ({ status }: Run): boolean => status === 'queued' || status === 'running';
const everyMs = 2000;

/** The last runs with their progress; looks again while one is going, and shows the page anew when it has published. */
export function RecentRuns({ initial, limit }: { initial: Run[]; limit: number }) {
  const router = useRouter();
  const { data: runs } = useQuery({
    ...useTRPC().run.list.queryOptions({ limit }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data?.some(isGoing) ? everyMs : false),
  });
  // The dashboards are published with the end of their stage; search and steering follow.
  const milestones = runs.map(({ stages }) => stages.filter(({ status }) => status === 'succeeded').length).join();
  const shown = useRef(milestones);
  useEffect(() => {
    if (shown.current === milestones) return;
    shown.current = milestones;
    router.refresh();
  }, [milestones, router]);

  return (
    <Section
      title="Recent runs"
      className="min-w-0"
      actions={
        <Link href="/runs" className="link text-sm">
          All runs
        </Link>
      }
    >
      {runs.length === 0 ? (
        <p className="card text-muted p-4">
          No run yet.{' '}
          <Link href="/runs/new" className="link">
            Launch one
          </Link>
          : a model, a hook point, a width, and its features appear here.
        </p>
      ) : (
        <ul className="card divide-line divide-y">
          {runs.map((run) => (
            <RunItem key={run.id} run={run} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function RunItem({ run }: { run: Run }) {
  const { request } = run;
  const sparsity = sparsityOf(request);
  const kind = `${architectureNames[request.architecture]}${sparsity?.name === 'k' ? ` ${sparsity.value}` : ''}`;
  return (
    <li className="relative px-4 py-2.5">
      <div className="flex items-baseline justify-between gap-3">
        <Link
          href={`/runs/${run.id}`}
          className="min-w-0 truncate font-mono text-sm after:absolute after:inset-0 hover:underline"
        >
          {request.modelId}/{request.sourceId}
        </Link>
        <span className={`text-sm whitespace-nowrap ${run.status === 'failed' ? 'text-danger' : 'text-muted'}`}>
          {stateOf(run)}
        </span>
      </div>
      <div className="text-muted text-xs">
        {kind}, {request.dSae.toLocaleString('en')} latents, {request.hookPoint}
      </div>
      <div
        role="progressbar"
        aria-label={`${request.modelId}/${request.sourceId}`}
        aria-valuenow={Math.round(fractionOf(run) * 100)}
        className={`bg-surface-sunken mt-1.5 h-1 overflow-hidden rounded-full ${isGoing(run) ? '' : 'invisible'}`}
      >
        <div
          className="bg-accent h-full origin-left transition-transform duration-500"
          style={{ transform: `scaleX(${fractionOf(run)})` }}
        />
      </div>
    </li>
  );
}

const stageNames: Record<Run['stages'][number]['stage'], string> = {
  'train-sae': 'training',
  'build-dashboards': 'making dashboards',
  'index-search': 'indexing',
  'preview-steering': 'previewing steering',
};

function stateOf(run: Run): string {
  if (run.status !== 'running') return run.status;
  const stage = run.stages.find(({ status }) => status === 'running' || status === 'queued');
  if (!stage) return run.status;
  const percent = stage.total ? ` ${Math.floor((stage.done / stage.total) * 100)}%` : '';
  return `${stageNames[stage.stage]}${percent}`;
}

/** All stages together, each as if it took as long as the others. */
function fractionOf({ stages }: Run): number {
  const done = stages.map(({ status, done, total }) =>
    status === 'succeeded' ? 1 : total ? Math.min(1, done / total) : 0,
  );
  return done.reduce((sum, part) => sum + part, 0) / Math.max(1, stages.length);
}
