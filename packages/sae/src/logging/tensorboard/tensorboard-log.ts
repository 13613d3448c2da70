import { mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { TrainingLog, OpenLogOptions } from '../training-log.ts';
import { evaluationScalars, scalarsOf } from '../scalars.ts';
import { eventRecord, type EventContent } from './event.ts';

export interface TensorboardLogOptions extends OpenLogOptions {
  /** Seconds since 1970. */
  now?: () => number;
}

let opened = 0;

/**
 * Metrics as an event file of TensorBoard in `folder`; `tensorboard --logdir` of the folder above shows the runs beside
 * each other. A training that goes on writes another file,
 * which tells readers to forget what was after its start. Tags are those of SAELens.
 *
 * @example const log = await openTensorboardLog(join('logs', name));
 */
export async function openTensorboardLog(folder: string, options: TensorboardLogOptions = {}): Promise<TrainingLog> {
  const { from = 0, now = () => Date.now() / 1000 } = options;
  await mkdir(folder, { recursive: true });
  const name = `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}.${opened++}`;
  const handle = await open(join(folder, name), 'ax');
  const write = (step: number, content: EventContent): Promise<void> =>
    handle.appendFile(eventRecord(now(), step, content));
  await write(0, { kind: 'version' });
  await write(from + 1, { kind: 'restart' });
  let last = from;
  return {
    metrics(metrics) {
      last = metrics.step;
      return write(last, { kind: 'scalars', scalars: scalarsOf(metrics) });
    },
    evaluation: (evaluation) => write(last, { kind: 'scalars', scalars: evaluationScalars(evaluation) }),
    close: () => handle.close(),
  };
}
