import Link from 'next/link';
import type { ReactNode } from 'react';
import { featurePath, sourcePath } from '@monosema/catalog';
import type { RunView } from '@monosema/api';
import { StatusBadge } from '../status-badge.tsx';
import { Timestamp } from '../timestamp.tsx';
import type { LiveConnection } from './use-live-run.ts';

/** What the run is of, how it stands, and where its result is. */
export function RunHeader({
  run,
  connection,
  children,
}: {
  run: RunView;
  connection: LiveConnection;
  children: ReactNode;
}) {
  const { modelId, sourceId } = run.request;
  return (
    <header className="space-y-3">
      <nav aria-label="Breadcrumb" className="text-sm text-muted">
        <Link className="link" href="/runs">
          Runs
        </Link>{' '}
        / <span className="font-mono">{run.id}</span>
      </nav>
      <div className="flex min-h-9 flex-wrap items-center gap-3">
        <h1>
          {modelId}/{sourceId}
        </h1>
        <span role="status">
          <StatusBadge status={run.status} />
        </span>
        {connection === 'connecting' && <span className="text-sm text-muted">connecting…</span>}
        <span className="grow" />
        {children}
        <ResultLinks run={run} />
      </div>
      <p className="text-sm text-muted">
        Launched <Timestamp at={run.createdAt} />
        {run.finishedAt && (
          <>
            , ended <Timestamp at={run.finishedAt} />
          </>
        )}
      </p>
      {run.error !== null && (
        <p role="alert" className="card border-danger bg-danger-soft p-3 text-danger">
          {run.error}
        </p>
      )}
    </header>
  );
}

function ResultLinks({ run }: { run: RunView }) {
  const { modelId, sourceId } = run.request;
  if (run.status !== 'succeeded') return null;
  const index = run.result.bestFeature ?? null;
  return (
    <>
      {index !== null && (
        <Link className="button" href={featurePath({ modelId, sourceId, index })}>
          Best feature
        </Link>
      )}
      <Link className="button button-primary" href={sourcePath(modelId, sourceId)}>
        Browse features
      </Link>
    </>
  );
}
