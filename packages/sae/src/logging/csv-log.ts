import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Evaluation, TrainingMetrics } from '@monosema/catalog';
import type { TrainingLog, OpenLogOptions } from './training-log.ts';

/**
 * Metrics as a table: one line per row of the log, the parts of the loss in columns of their own (`loss_l1`, and without
 * its weight `raw_l1`). The evaluation goes beside it, into `name.evaluation.json`.
 *
 * @throws Error when the file that is gone on with has other columns
 * @example const log = await openCsvLog('my-sae/metrics.csv');
 */
export async function openCsvLog(path: string, { from = 0 }: OpenLogOptions = {}): Promise<TrainingLog> {
  await mkdir(dirname(path), { recursive: true });
  const kept = from > 0 ? await linesUpTo(path, from) : [];
  // Aside first: a process that is killed here leaves the old table.
  await writeFile(`${path}.new`, kept.map((line) => `${line}\n`).join(''));
  await rename(`${path}.new`, path);
  const handle = await open(path, 'a');
  let header = kept[0];
  return {
    async metrics(metrics) {
      const row = columnsOf(metrics);
      const names = row.map(([name]) => name).join(',');
      if (header === undefined) await handle.appendFile(`${names}\n`);
      else if (header !== names) throw new Error(`${path} has the columns ${header}, but this row ${names}`);
      header = names;
      await handle.appendFile(`${row.map(([, value]) => String(value)).join(',')}\n`);
    },
    evaluation: (evaluation: Evaluation) =>
      writeFile(`${path.replace(/\.csv$/, '')}.evaluation.json`, `${JSON.stringify(evaluation, null, 2)}\n`),
    close: () => handle.close(),
  };
}

/** The header, and the whole lines of steps up to `from`. */
async function linesUpTo(path: string, from: number): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const [header, ...lines] = text.split('\n').slice(0, -1);
  return header === undefined ? [] : [header, ...lines.filter((line) => Number(line.split(',')[0]) <= from)];
}

function columnsOf({ losses = {}, rawLosses = {}, ...metrics }: TrainingMetrics): [string, number][] {
  const { step, tokens, loss, mse, sparsityLoss, coefficient, ...rest } = metrics;
  const parts = (prefix: string, values: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]);
  return [
    ...Object.entries({ step, tokens, loss, mse, sparsityLoss }),
    ...parts('loss_', losses),
    ...parts('raw_', rawLosses),
    ...Object.entries({ coefficient: coefficient ?? Number.NaN, ...rest }),
  ];
}
