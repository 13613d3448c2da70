import { protoMessage, type ProtoField } from '../protobuf.ts';

// wandb/proto/wandb_internal.proto of wandb 0.31.

/** What a run is called, and what it was asked for. */
export interface WandbRun {
  id: string;
  project: string;
  entity?: string | undefined;
  name?: string | undefined;
  config: Readonly<Record<string, unknown>>;
  host: string;
  /** Steps that an earlier run of the same id has. */
  startingStep: number;
  /** Seconds since 1970. */
  startedAt: number;
}

const text = (number: number, value: string | undefined): ProtoField[] =>
  value === undefined ? [] : [[number, 'string', value]];
const whole = (number: number, value: number): ProtoField[] => (value === 0 ? [] : [[number, 'int', value]]);

const record = (num: number, field: number, message: readonly ProtoField[]): Uint8Array =>
  protoMessage([
    [1, 'int', num],
    [field, 'message', protoMessage(message)],
  ]);

/** The version of wandb whose records these are, and the oldest that reads them. */
export const headerRecord = (num: number): Uint8Array =>
  record(num, 21, [
    [
      1,
      'message',
      protoMessage([
        [1, 'string', '0.31.0'],
        [2, 'string', '0.70.0'],
      ]),
    ],
  ]);

export function runRecord(num: number, run: WandbRun): Uint8Array {
  const config = Object.entries(run.config).map(([key, value]): ProtoField => [
    1,
    'message',
    protoMessage([
      [1, 'string', key],
      [16, 'string', JSON.stringify(value)],
    ]),
  ]);
  const seconds = Math.floor(run.startedAt);
  const started = protoMessage([...whole(1, seconds), ...whole(2, Math.round((run.startedAt - seconds) * 1e9))]);
  return record(num, 17, [
    [1, 'string', run.id],
    ...text(2, run.entity),
    [3, 'string', run.project],
    [4, 'message', protoMessage(config)],
    ...text(8, run.name),
    [13, 'string', run.host],
    ...whole(14, run.startingStep),
    [17, 'message', started],
  ]);
}

/** One row: numbers by name. */
export function historyRecord(num: number, step: number, values: Readonly<Record<string, number>>): Uint8Array {
  const items = Object.entries(values).map(([key, value]): ProtoField => [
    1,
    'message',
    // Nested, so that a "/" or "." in a name is part of it.
    protoMessage([
      [2, 'string', key],
      [16, 'string', numberText(value)],
    ]),
  ]);
  return record(num, 2, [...items, [2, 'message', protoMessage(whole(1, step))]]);
}

export const exitRecord = (num: number, runtimeSeconds: number): Uint8Array =>
  record(num, 18, whole(2, Math.round(runtimeSeconds)));

/** wandb's JSON has names for what JSON can't say. */
const numberText = (value: number): string => {
  if (Number.isNaN(value)) return '"NaN"';
  return Number.isFinite(value) ? JSON.stringify(value) : value > 0 ? '"Infinity"' : '"-Infinity"';
};
