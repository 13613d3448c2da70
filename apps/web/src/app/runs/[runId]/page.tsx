import type { Metadata } from 'next';
import { orNotFound } from '../../../server/or-not-found.ts';
import { serverCaller } from '../../../server/caller.ts';
import { LiveRun } from './live-run.tsx';

type Params = { params: Promise<{ runId: string }> };

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const { runId } = await params;
  const run = await orNotFound((await serverCaller()).run.get({ runId }));
  return { title: `Run of ${run.request.modelId}/${run.request.sourceId}` };
}

/** Complete without a script; with one, it follows the run as it goes on. */
export default async function RunPage({ params }: Params) {
  const { runId } = await params;
  const caller = await serverCaller();
  const [run, metrics] = await orNotFound(Promise.all([caller.run.get({ runId }), caller.run.metrics({ runId })]));
  return <LiveRun initial={{ run, metrics }} />;
}
