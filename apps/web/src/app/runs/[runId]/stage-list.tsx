'use client';

import { useEffect, useState } from 'react';
import type { RunStage } from '@monosema/catalog';
import type { RunView } from '@monosema/api';
import { formatCount } from '@monosema/ui';
import { formatDuration } from '../duration.ts';
import { StatusBadge } from '../status-badge.tsx';

type StageView = RunView['stages'][number];

const stageNames: Record<RunStage, string> = {
  'train-sae': 'Train the SAE',
  'build-dashboards': 'Make dashboards',
  'index-search': 'Index for search',
  'preview-steering': 'Preview steering',
};

/** The four stages with their progress and time. `readAt` is the server's clock, so that both renderings agree. */
export function StageList({ stages, readAt }: { stages: StageView[]; readAt: number }) {
  const now = useNow(
    readAt,
    stages.some(({ status }) => status === 'running'),
  );
  return (
    <ol aria-label="Stages" className="card divide-y divide-line">
      {stages.map((stage) => (
        <StageRow key={stage.stage} stage={stage} now={now} />
      ))}
    </ol>
  );
}

function StageRow({ stage, now }: { stage: StageView; now: number }) {
  const { done, total, unit, startedAt, finishedAt, status } = stage;
  const name = stageNames[stage.stage];
  const fraction = status === 'succeeded' ? 1 : total ? Math.min(1, done / total) : 0;
  return (
    <li className="grid grid-cols-2 items-center gap-x-4 gap-y-1 px-4 py-2 sm:grid-cols-[12rem_8rem_1fr_15rem_6rem]">
      <span className="font-medium">{name}</span>
      <span className="text-right sm:text-left">
        <StatusBadge status={status} />
      </span>
      <div
        role="progressbar"
        aria-label={name}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        className="col-span-2 h-2 overflow-hidden rounded bg-surface-sunken sm:col-span-1"
      >
        <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <span className="text-sm text-muted sm:text-right">
        {total ? `${formatCount(done)} of ${formatCount(total)} ${unit ?? ''}` : '\u00a0'}
      </span>
      <span className="text-right text-sm text-muted">
        {startedAt ? formatDuration((finishedAt?.getTime() ?? now) - startedAt.getTime()) : '–'}
      </span>
    </li>
  );
}

/** The server's time: as last heard, and a second later each second while `running`. */
function useNow(readAt: number, running: boolean): number {
  const [now, setNow] = useState(readAt);
  useEffect(() => {
    if (!running) return;
    const ahead = readAt - Date.now();
    const timer = setInterval(() => setNow(Date.now() + ahead), 1000);
    return () => clearInterval(timer);
  }, [readAt, running]);
  return Math.max(now, readAt);
}
