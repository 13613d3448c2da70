import { randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { evaluationScalars, scalarsOf } from '../scalars.ts';
import type { OpenLogOptions, TrainingLog } from '../training-log.ts';
import { fileHeader, recordBytes } from './record-file.ts';
import { exitRecord, headerRecord, historyRecord, runRecord } from './records.ts';

export interface WandbLogOptions extends OpenLogOptions {
  project: string;
  entity?: string | null;
  /** What the run is shown as. */
  name?: string | null;
  /** Eight letters and digits; a training that goes on takes the one that it had. Random by default. */
  runId?: string;
  /** What the run was asked for. */
  config?: Readonly<Record<string, unknown>>;
  /** The machine, by its own name by default. */
  host?: string;
  /** Seconds since 1970. */
  now?: () => number;
}

/**
 * Metrics as an offline run of Weights & Biases: `folder/wandb/offline-run-…/run-….wandb`, the file that its own programs
 * write without a network. Nothing is sent from here; `wandb sync folder/wandb/offline-run-…` uploads it, with the login
 * that wandb has. Names are those of SAELens's runs.
 *
 * A training that goes on writes another file with the same `runId`. W&B forgets nothing: rows that the first file has of
 * steps after the checkpoint stay, unless it is synced when the training is done.
 *
 * @throws RangeError when `runId` is no name that W&B allows
 * @example const log = await openWandbLog('logs', { project: 'saes', name: 'k8', config: request });
 */
export async function openWandbLog(folder: string, options: WandbLogOptions): Promise<TrainingLog & { path: string }> {
  const { from = 0, project, entity, name, config = {}, host = hostname(), now = () => Date.now() / 1000 } = options;
  const id = options.runId ?? randomId();
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new RangeError(`runId is "${id}", but must be 1 to 64 letters, digits, "_" or "-"`);
  const startedAt = now();
  const path = join(folder, 'wandb', `offline-run-${timestamp(startedAt)}-${id}`);
  await mkdir(join(path, 'files'), { recursive: true });
  const handle = await open(join(path, `run-${id}.wandb`), 'wx');
  let position = 0;
  let num = 0;
  let last = from;
  const append = async (bytes: Uint8Array): Promise<void> => {
    await handle.appendFile(bytes);
    position += bytes.length;
  };
  const write = (make: (num: number) => Uint8Array): Promise<void> => append(recordBytes(make(++num), position));
  const row = (step: number, values: Readonly<Record<string, number>>): Promise<void> => {
    const at = now();
    const own = { _timestamp: at, _runtime: at - startedAt, _step: step };
    return write((num) => historyRecord(num, step, { ...values, ...own }));
  };
  await append(fileHeader);
  await write(headerRecord);
  const run = { id, project, entity: entity ?? undefined, name: name ?? undefined, config, host };
  await write((num) => runRecord(num, { ...run, startingStep: from, startedAt }));
  return {
    path,
    metrics(metrics) {
      last = metrics.step;
      return row(last, scalarsOf(metrics));
    },
    // A step of its own: W&B drops a second row of a step.
    evaluation: (evaluation) => row(last + 1, evaluationScalars(evaluation)),
    async close() {
      await write((num) => exitRecord(num, now() - startedAt));
      await handle.close();
    },
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const randomId = (): string => Array.from(randomBytes(8), (byte) => letters[byte % letters.length]).join('');

/** 20261125_093015, in UTC. */
const timestamp = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15);
