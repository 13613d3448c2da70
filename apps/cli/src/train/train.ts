import type { Evaluation } from '@monosema/catalog';
import { houseSettings, trainSaes, trainingSettingsSchema, type SaesEvent } from '@monosema/sae/training';
import { CancelledError, UsageError } from '../exit.ts';
import { OutFolder, type Files } from '../out-folder.ts';
import { logs, type TrainOptions } from './command.ts';
import { readConfigFile, type ConfigFile } from './config-file.ts';
import { openLogs } from './open-logs.ts';
import { jsonReport, terminalReport } from './report.ts';
import { finishRuns } from './results.ts';
import { keepCheckpoint, placeRuns, type PlacedRun } from './run-folders.ts';
import { withTraining, type Training } from './training-data.ts';
import { trainingFile } from './training-file.ts';

/** `monosema train`: the same trainer as the train-sae worker, with folders for the results. */
export async function train(options: TrainOptions, signal: AbortSignal): Promise<void> {
  const config = options.config === undefined ? null : await readConfigFile(options.config);
  const out = options.out ?? config?.output.path ?? undefined;
  if (out === undefined) throw new UsageError('--out', 'is missing: give a folder for the result');
  const unknown = options.log?.find((name) => !(logs as readonly string[]).includes(name));
  if (unknown !== undefined) throw new UsageError('--log', `is ${unknown}; there is ${logs.join(', ')}`);
  await checkOut(out, options.resume ?? false);
  const placed: PlacedRun[] = [];
  try {
    await withTraining(
      options,
      config,
      async (training) => {
        placed.push(...(await placeRuns(training.runs, out, options.resume ?? false)));
        await trainInto(placed, training, { ...options, out }, config, signal);
      },
      signal,
    );
  } catch (error) {
    if (signal.aborted && (await holdsAny(placed))) throw new CancelledError('go on with --resume');
    throw error;
  }
}

/** What can be told before a model is loaded. */
async function checkOut(out: string, resume: boolean): Promise<void> {
  const folder = new OutFolder(out);
  if (await folder.isFinished()) throw folder.inUse();
  if (!resume && (await folder.hasCheckpoint()))
    throw new UsageError('--out', `${out} holds a checkpoint; go on with --resume, or choose another folder`);
}

async function holdsAny(placed: readonly PlacedRun[]): Promise<boolean> {
  for (const { folder } of placed) if ((await folder.hasCheckpoint()) || (await folder.isFinished())) return true;
  return false;
}

async function trainInto(
  placed: readonly PlacedRun[],
  training: Training,
  options: TrainOptions & { out: string },
  config: ConfigFile | null,
  signal: AbortSignal,
): Promise<void> {
  const { engine } = training;
  const runs = placed.map(({ run }) => run);
  const { data, close } = await training.open(runs);
  const report = options.json ? jsonReport(training.runs.length > 1) : terminalReport(placed, training, config);
  const recorders: Recorder[] = [];
  const failed = new Map<string, string>();
  try {
    for (const each of placed) recorders.push(await openRecorder(each, options, config, training));
    const kept = keptCheckpoints(runs[0]!.request, options.checkpoints ?? config?.output.checkpoints ?? 0);
    const checkpointEverySteps = kept?.everySteps;
    const events = trainSaes({ ...data, engine, runs, threads: options.threads, checkpointEverySteps, signal });
    for await (const event of events) {
      await recorders[event.run]!.event(event);
      if (event.kind === 'checkpoint' && kept?.keeps(event.step))
        await keepCheckpoint(placed[event.run]!, event.step * runs[event.run]!.request.batchTokens, event.files);
      if (event.kind === 'failed') failed.set(event.name, event.error.message);
      report.event(event);
    }
    report.line((await finishRuns(training.runs, options.out, failed)).trimEnd());
    if (!options.json) for (const { path, run } of placed) if (!failed.has(run.name)) process.stdout.write(`${path}\n`);
  } finally {
    report.close();
    for (const recorder of recorders) await recorder.close();
    await close();
  }
  if (failed.size > 0)
    throw new Error(`${failed.size} of ${placed.length} runs diverged: ${[...failed.keys()].join(', ')}`);
}

interface Recorder {
  event(event: SaesEvent): Promise<void>;
  close(): Promise<void>;
}

/** Puts what happens to one SAE into its folder. */
async function openRecorder(
  placed: PlacedRun,
  options: TrainOptions,
  config: ConfigFile | null,
  { engine }: Training,
): Promise<Recorder> {
  const { run, folder } = placed;
  await folder.make();
  const log = await openLogs(placed, options, config);
  let evaluation: Evaluation | null = null;
  return {
    async event(event) {
      if (event.kind === 'metrics') await log.metrics(event.metrics);
      if (event.kind === 'checkpoint') await folder.saveCheckpoint(event.files);
      if (event.kind === 'evaluation') {
        evaluation = event.evaluation;
        await log.evaluation(evaluation);
      }
      if (event.kind !== 'done') return;
      const { request } = run;
      const settings = trainingSettingsSchema.parse(run.settings ?? houseSettings(request));
      await folder.finish({
        ...event.files,
        ...(evaluation && json('evaluation.json', evaluation)),
        ...json(trainingFile, { request, settings, engine: engine.description }),
      });
    },
    close: () => log.close(),
  };
}

const json = (name: string, value: unknown): Files => ({
  [name]: new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`),
});

/** Checkpoints that stay, evenly over the run, among those that are made to go on from. */
function keptCheckpoints(
  { trainingTokens, batchTokens }: { trainingTokens: number; batchTokens: number },
  count: number,
): { everySteps: number; keeps(step: number): boolean } | null {
  if (count === 0) return null;
  const steps = Math.floor(trainingTokens / batchTokens);
  const between = Math.max(1, Math.ceil(10 / (count + 1)));
  const everySteps = Math.max(1, Math.floor(steps / ((count + 1) * between)));
  const every = everySteps * between;
  return { everySteps, keeps: (step) => step % every === 0 && step / every <= count && step < steps };
}
