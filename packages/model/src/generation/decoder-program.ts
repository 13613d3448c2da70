import * as op from '@monosema/engine';
import type { Arrays, Program, Traced, TracedRecord } from '@monosema/engine';
import type { Model } from '../model.ts';
import type { EditPlace, GenerateOptions } from './options.ts';
import { tracedEdits } from './traced-edits.ts';

/** What a decoder is compiled for; the same for all calls that can share it. */
export interface DecoderShape {
  /** Positions that the cache of keys and values holds. */
  readonly slots: number;
  /** Whether the next token is chosen by the engine (the likeliest), or from the logits by the caller. */
  readonly greedy: boolean;
  readonly options: Pick<GenerateOptions, 'edit' | 'edits' | 'inputs' | 'weights' | 'weightsAs'>;
}

const cacheName = (kind: 'keys' | 'values', layer: number): string => `${kind}.${layer}`;

/**
 * One token of every row: inputs `ids` [batch, 1], `position` [batch] and the cache, which is also an output; gives `next`
 * [batch, 1] int, or `logits` [batch, 1, vocabulary].
 */
export function decoderProgram(model: Model, { slots, greedy, options }: DecoderShape): Program {
  const { keyValueHeads, headWidth, layers } = model.config;
  const ids = op.input('ids', [op.batch, 1], 'int');
  const position = op.input('position', [op.batch], 'int');
  const cache = (kind: 'keys' | 'values'): Traced[] =>
    Array.from({ length: layers }, (_, layer) =>
      op.input(cacheName(kind, layer), [op.batch, keyValueHeads, slots, headWidth]),
    );
  const state = { keys: cache('keys'), values: cache('values'), position };
  const place: EditPlace = { ids, positions: op.reshape(position, [op.batch, 1]), generated: true };
  const { inputs: more, hooks } = tracedEdits(model, options, place);
  const pass = model.decode(ids, state, hooks);
  const inputs = { ids, position, ...more, ...model.parameters, ...named(state) };
  const choice: TracedRecord = greedy ? { next: op.argMax(pass.logits) } : { logits: pass.logits };
  return { inputs, outputs: { ...choice, ...named(pass) } };
}

/** The first `length` tokens of every row at once: `ids` [batch, length] → the cache of `slots` positions. */
export function prefillProgram(model: Model, length: number, { slots, options }: DecoderShape): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const positions = op.constant(
    Int32Array.from({ length }, (_, i) => i),
    [1, length],
  );
  const { inputs: more, hooks } = tracedEdits(model, options, { ids, positions, generated: false });
  const pass = model.prefill(ids, hooks);
  const padded = (arrays: readonly Traced[]): Traced[] => arrays.map((array) => op.pad(array, 2, 0, slots - length));
  const outputs = named({ keys: padded(pass.keys), values: padded(pass.values) });
  return { inputs: { ids, ...more, ...model.parameters }, outputs };
}

/** A cache in which nothing is written yet. */
export function emptyCache(model: Model, rows: number, slots: number): Arrays {
  const { keyValueHeads, headWidth, layers } = model.config;
  const shape = [rows, keyValueHeads, slots, headWidth];
  const empty = (): { data: Float32Array; shape: number[] } => ({
    data: new Float32Array(rows * keyValueHeads * slots * headWidth),
    shape,
  });
  const names = Array.from({ length: layers }, (_, layer) => [cacheName('keys', layer), cacheName('values', layer)]);
  return Object.fromEntries(names.flat().map((name) => [name, empty()]));
}

function named({ keys, values }: { keys: readonly Traced[]; values: readonly Traced[] }): TracedRecord {
  const entries = keys.flatMap((key, layer) => [
    [cacheName('keys', layer), key] as const,
    [cacheName('values', layer), values[layer]!] as const,
  ]);
  return Object.fromEntries(entries);
}
