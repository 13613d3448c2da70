import { join } from 'node:path';
import { everyLog, openCsvLog, openTensorboardLog, type TrainingLog } from '@monosema/sae/logging';
import { z } from 'zod';
import { forOption } from '../exit.ts';
import type { NamedRun } from './runs.ts';

const stateSchema = z.object({ step: z.number() });

/** The logs of --log in a run's folder; a run that goes on goes on in them. */
export async function openLogs(kinds: readonly string[], folder: string, { resume }: NamedRun): Promise<TrainingLog> {
  const state = resume?.['training_state.json'];
  const from = state ? stateSchema.parse(JSON.parse(new TextDecoder().decode(state))).step : 0;
  const open: TrainingLog[] = [];
  await forOption('--log', async () => {
    // evaluation.json is in the folder already.
    if (kinds.includes('csv'))
      open.push({ ...(await openCsvLog(join(folder, 'metrics.csv'), { from })), evaluation: async () => undefined });
    if (kinds.includes('tensorboard')) open.push(await openTensorboardLog(join(folder, 'tensorboard'), { from }));
  });
  return everyLog(open);
}
