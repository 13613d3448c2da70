import type { Evaluation } from '@monosema/catalog';
import { trainSae } from '@monosema/sae/training';
import { CancelledError, UsageError } from '../exit.ts';
import { withSession, type Session } from '../session.ts';
import type { TrainOptions } from './command.ts';
import { OutFolder, type Files } from '../out-folder.ts';
import { jsonReport, terminalReport } from './report.ts';
import { requestFrom } from './request.ts';
import { trainingText } from './text.ts';

/** `monosema train`: the same trainer as the train-sae worker, with a folder for the result. */
export async function train(options: TrainOptions, signal: AbortSignal): Promise<void> {
  const out = await OutFolder.open(options.out);
  const holdsCheckpoint = await out.hasCheckpoint();
  if (options.resume && !holdsCheckpoint) throw new UsageError('--resume', `there is no checkpoint in ${options.out}`);
  if (!options.resume && holdsCheckpoint)
    throw new UsageError('--out', `${options.out} holds a checkpoint; go on with --resume, or choose another folder`);
  try {
    await withSession(options, (session) => trainInto(out, session, options, signal));
  } catch (error) {
    if (signal.aborted && (await out.hasCheckpoint())) throw new CancelledError('go on with --resume');
    throw error;
  }
}

async function trainInto(out: OutFolder, session: Session, options: TrainOptions, signal: AbortSignal): Promise<void> {
  const request = await requestFrom(options, session.model);
  const text = await trainingText(options.data, session.model, request.contextSize);
  await out.make();
  const resume = options.resume ? ((await out.checkpoint()) ?? undefined) : undefined;
  const report = options.json ? jsonReport() : terminalReport(session, request, options.out);
  let evaluation: Evaluation | null = null;
  try {
    for await (const event of trainSae({ ...session, request, ...text, resume, threads: options.threads, signal })) {
      if (event.kind === 'checkpoint') await out.saveCheckpoint(event.files);
      if (event.kind === 'evaluation') evaluation = event.evaluation;
      if (event.kind === 'done') await out.finish({ ...event.files, ...measured(evaluation) });
      report.event(event);
    }
  } finally {
    report.end();
  }
}

function measured(evaluation: Evaluation | null): Files {
  if (!evaluation) return {};
  return { 'evaluation.json': new TextEncoder().encode(`${JSON.stringify(evaluation, null, 2)}\n`) };
}
