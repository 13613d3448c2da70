import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { everyLog, openCsvLog, openTensorboardLog, openWandbLog, type TrainingLog } from '@monosema/sae/logging';
import { z } from 'zod';
import { forOption } from '../exit.ts';
import type { TrainOptions } from './command.ts';
import type { ConfigFile } from './config-file.ts';
import type { PlacedRun } from './run-folders.ts';
import type { NamedRun } from './runs.ts';

/** Logs that are asked for; a config of SAELens asks for Weights & Biases. */
export const logsOf = ({ log }: TrainOptions, config: ConfigFile | null): readonly string[] =>
  log ?? (config?.wandb ? ['wandb'] : []);

/** The logs in a run's folder; a run that goes on goes on in them. */
export async function openLogs(
  { run, path }: PlacedRun,
  options: TrainOptions,
  config: ConfigFile | null,
): Promise<TrainingLog> {
  const kinds = logsOf(options, config);
  const from = firstStep(run);
  const open: TrainingLog[] = [];
  await forOption('--log', async () => {
    // evaluation.json is in the folder already.
    if (kinds.includes('csv'))
      open.push({ ...(await openCsvLog(join(path, 'metrics.csv'), { from })), evaluation: async () => undefined });
    if (kinds.includes('tensorboard')) open.push(await openTensorboardLog(join(path, 'tensorboard'), { from }));
    if (kinds.includes('wandb')) open.push(await openWandb(run, path, from, options, config));
  });
  return everyLog(open);
}

const stateSchema = z.object({ step: z.number() });

function firstStep({ resume }: NamedRun): number {
  const state = resume?.['training_state.json'];
  return state ? stateSchema.parse(JSON.parse(new TextDecoder().decode(state))).step : 0;
}

async function openWandb(
  { name, request }: NamedRun,
  path: string,
  from: number,
  { wandbProject }: TrainOptions,
  config: ConfigFile | null,
): Promise<TrainingLog> {
  const { project = 'monosema', entity, runName } = config?.wandb ?? {};
  const parts = [runName, name].filter((part) => part !== undefined && part !== null && part !== '');
  return openWandbLog(path, {
    ...{ from, project: wandbProject ?? project, entity, config: { ...request } },
    name: parts.length > 0 ? parts.join('-') : request.sourceId,
    runId: from > 0 ? await wandbRun(path) : undefined,
  });
}

/** The id of the run that an earlier process began, which is the end of its folder's name. */
async function wandbRun(path: string): Promise<string | undefined> {
  const names = await readdir(join(path, 'wandb')).catch(() => []);
  return names.sort().at(-1)?.split('-').at(-1);
}
