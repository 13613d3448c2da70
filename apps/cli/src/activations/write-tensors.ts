import { writeSafetensors, type NamedArrays } from '@monosema/formats';
import { anyHookPointNamed, compileForward } from '@monosema/model';
import { forOption, UsageError } from '../exit.ts';
import type { Session } from '../session.ts';
import { bar, Progress } from '../terminal.ts';
import { writeWhole } from '../write-whole.ts';

/** The file is made in memory. */
const mostBytes = 2 ** 31;
const tokensPerRun = 4096;

interface WriteOptions {
  hooks: readonly string[];
  out: string;
  /** One text, whose tensors have no axis of contexts. */
  isText: boolean;
  signal: AbortSignal;
}

/** Writes the values at hook points, one tensor each, and the ids as "tokens". The file appears whole or not at all. */
export async function writeTensors(
  { engine, model }: Session,
  contexts: readonly Int32Array[],
  { hooks, out, isText, signal }: WriteOptions,
): Promise<void> {
  const taps = await forOption('--hook', () => hooks.map((hook) => anyHookPointNamed(model, hook).name));
  const length = contexts[0]!.length;
  const forward = await compileForward(engine, model, { length, taps });
  const tensors = new Map<string, { data: Float32Array; shape: number[] }>();
  const progress = new Progress();
  try {
    const step = Math.max(1, Math.floor(tokensPerRun / length));
    for (let row = 0; row < contexts.length; row += step) {
      signal.throwIfAborted();
      const rows = contexts.slice(row, row + step);
      const ids = new Int32Array(rows.length * length);
      rows.forEach((context, i) => ids.set(context, i * length));
      for (const [name, { data, shape }] of Object.entries(await forward.run(ids)))
        tensorOf(tensors, name, [contexts.length, ...shape.slice(1)]).set(
          data as Float32Array,
          (data.length / rows.length) * row,
        );
      progress.update(
        `${bar(row + rows.length, contexts.length)}  ${row + rows.length} of ${contexts.length} contexts`,
      );
    }
  } finally {
    progress.clear();
    await forward.dispose();
  }
  const arrays: NamedArrays = { ...Object.fromEntries(tensors), tokens: tokensOf(contexts) };
  if (isText)
    for (const name of Object.keys(arrays)) arrays[name] = { ...arrays[name]!, shape: arrays[name]!.shape.slice(1) };
  await forOption('--out', () => writeWhole(out, writeSafetensors(arrays, { model: model.id })));
  process.stdout.write(`${out}\n`);
}

function tensorOf(
  tensors: Map<string, { data: Float32Array; shape: number[] }>,
  name: string,
  shape: number[],
): Float32Array {
  const known = tensors.get(name);
  if (known) return known.data;
  const size = shape.reduce((a, b) => a * b, 1);
  const held = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, size * 4);
  if (held > mostBytes)
    throw new UsageError(
      '--contexts',
      `and --hook ask for ${(held / 2 ** 30).toFixed(1)} GiB; at most 2 are written at once`,
    );
  const data = new Float32Array(size);
  tensors.set(name, { data, shape });
  return data;
}

function tokensOf(contexts: readonly Int32Array[]): NamedArrays[string] {
  const length = contexts[0]!.length;
  const data = new Int32Array(contexts.length * length);
  contexts.forEach((context, i) => data.set(context, i * length));
  return { data, shape: [contexts.length, length] };
}
