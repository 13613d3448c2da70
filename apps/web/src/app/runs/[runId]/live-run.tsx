'use client';

import type { RunEvent } from '@monosema/api';
import { CancelButton } from './cancel-button.tsx';
import { EvaluationTable } from './evaluation-table.tsx';
import { MetricCharts } from './metric-charts.tsx';
import { RequestList } from './request-list.tsx';
import { RunHeader } from './run-header.tsx';
import { StageList } from './stage-list.tsx';
import { useLiveRun } from './use-live-run.ts';

/** A run's page: as the server saw it, then as it changes. Everything has its place from the start, so nothing moves. */
export function LiveRun({ initial }: { initial: RunEvent }) {
  const { run, metrics, connection } = useLiveRun(initial);
  return (
    <div className="space-y-6">
      <RunHeader run={run} connection={connection}>
        {run.canCancel && <CancelButton runId={run.id} requested={run.cancelRequested} />}
      </RunHeader>
      <StageList stages={run.stages} readAt={run.readAt.getTime()} />
      <MetricCharts metrics={metrics} />
      <div className="grid items-start gap-6 *:min-w-0 lg:grid-cols-2">
        <EvaluationTable evaluation={run.result.evaluation ?? null} />
        <RequestList run={run} />
      </div>
    </div>
  );
}
