import { skipToken } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useState } from 'react';
import type { TrainingMetrics } from '@monosema/catalog';
import type { RunEvent, RunView } from '@monosema/api';
import { useTRPC } from '../../../trpc/client.tsx';

/** Whether the page hears of changes: 'ended' once there will be none. */
export type LiveConnection = 'connecting' | 'live' | 'ended';

export interface LiveRunState {
  run: RunView;
  /** By step, without gaps in what the server sent. */
  metrics: TrainingMetrics[];
  connection: LiveConnection;
}

const settled: readonly RunView['status'][] = ['succeeded', 'failed', 'cancelled'];

/** Follows a run from where the server's rendering stopped. A connection that breaks goes on after the last step. */
export function useLiveRun(initial: RunEvent): LiveRunState {
  const trpc = useTRPC();
  const [state, setState] = useState(initial);
  const wasSettled = settled.includes(initial.run.status);
  const input = { runId: initial.run.id, after: initial.metrics.at(-1)?.step ?? -1 };
  const subscription = useSubscription(
    trpc.run.live.subscriptionOptions(wasSettled ? skipToken : input, {
      onData: (event) => setState((before) => append(before, event.data)),
    }),
  );
  const isSettled = settled.includes(state.run.status);
  const connection = isSettled ? 'ended' : subscription.status === 'pending' ? 'live' : 'connecting';
  return { ...state, connection };
}

/** Adds an event; steps that are there already (a connection that came back) stay as they are. */
export function append(before: RunEvent, { run, metrics }: RunEvent): RunEvent {
  const last = before.metrics.at(-1)?.step ?? -1;
  const news = metrics.filter(({ step }) => step > last);
  return { run, metrics: news.length > 0 ? [...before.metrics, ...news] : before.metrics };
}
