import { tracked, TRPCError } from '@trpc/server';
import { listMetrics } from '@monosema/db/queries';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { publicProcedure } from '../trpc.ts';
import { findRun } from './find-run.ts';
import { runIdInputSchema } from './run-id-input.ts';
import { isSettled, viewRun, type RunEvent, type RunView } from './run-view.ts';

const inputSchema = runIdInputSchema.extend({
  /** The last step that the page has already. */
  after: z.number().int().min(-1).default(-1),
  /** The same, as the browser says it when it connects again. */
  lastEventId: z.coerce.number().int().min(-1).nullish(),
});

/** Looked at this often even when nobody notifies, in case a notification was lost. */
const fallbackMs = 5_000;
/** Workers can report faster than a person reads. */
const pauseMs = 200;
const batchSize = 2_000;

/**
 * A run as it changes: one event at once, then one after each change, until it is settled.
 * An event's id is the last step sent, so that a connection that broke goes on where it stopped.
 */
export const runLive = publicProcedure.input(inputSchema).subscription(async function* ({ ctx, input, signal }) {
  let after = Math.max(input.after, input.lastEventId ?? -1);
  const watch = await ctx.runFeed.watch(input.runId);
  try {
    let sent = '';
    while (!signal?.aborted) {
      const event = await readEvent(ctx, input.runId, after);
      after = event.metrics.at(-1)?.step ?? after;
      const more = event.metrics.length === batchSize;
      const state = stateOf(event.run);
      if (event.metrics.length > 0 || state !== sent) yield tracked(String(after), event);
      sent = state;
      if (more) continue;
      if (isSettled(event.run.status)) return;
      await pause(pauseMs, signal);
      await watch.change(fallbackMs, signal);
      // Browsers take this code for "connect again", which they do, after the last event, to the next process.
      if (ctx.runFeed.isEnded) throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'The server is stopping.' });
    }
  } finally {
    watch.close();
  }
});

/** Everything of a run but when it was read. */
const stateOf = (run: RunView): string =>
  JSON.stringify(run, (key, value: unknown) => (key === 'readAt' ? undefined : value));

/** The run is read before its metrics, so that a settled run's last metrics are never missed. */
async function readEvent(ctx: ApiContext, runId: string, after: number): Promise<RunEvent> {
  const run = viewRun(await findRun(ctx, runId), ctx.user);
  return { run, metrics: await listMetrics(ctx.db, runId, { after, limit: batchSize }) };
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
