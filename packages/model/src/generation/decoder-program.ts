import * as op from '@monosema/engine';
import type { Arrays, CompileOptions, Program, Traced, TracedRecord } from '@monosema/engine';
import { hookPointNamed } from '../hook-point-named.ts';
import { Hooks, type Edit } from '../hooks.ts';
import type { Model } from '../model.ts';

/** What a decoder is compiled for; the same for all calls that can share it. */
export interface DecoderShape {
  /** Positions that the cache of keys and values holds. */
  slots: number;
  /** Where vectors are added to, if anywhere. */
  hookPoint: string | null;
  /** Whether the next token is chosen by the engine (the likeliest), or from the logits by the caller. */
  greedy: boolean;
}

const cacheName = (kind: 'keys' | 'values', layer: number): string => `${kind}.${layer}`;

/**
 * One token of every row: inputs `ids` [batch, 1], `position` [1] and the cache, which is also an output; gives `next`
 * [batch, 1] int, or `logits` [batch, 1, vocabulary].
 */
export function decoderProgram(model: Model, { slots, hookPoint, greedy }: DecoderShape): Program {
  const { keyValueHeads, headWidth, layers } = model.config;
  const ids = op.input('ids', [op.batch, 1], 'int');
  const position = op.input('position', [1], 'int');
  const cache = (kind: 'keys' | 'values'): Traced[] =>
    Array.from({ length: layers }, (_, layer) =>
      op.input(cacheName(kind, layer), [op.batch, keyValueHeads, slots, headWidth]),
    );
  const keys = cache('keys');
  const values = cache('values');
  const { inputs: steering, edits } = steeringEdit(model, hookPoint, 1);
  const pass = model.decode(ids, { keys, values, position }, new Hooks(edits));
  const inputs = { ids, position, ...steering, ...model.parameters, ...named({ keys, values }) };
  const choice: TracedRecord = greedy ? { next: likeliest(pass.logits) } : { logits: pass.logits };
  return { inputs, outputs: { ...choice, ...named(pass) } };
}

/** The first `length` tokens of every row at once: `ids` [batch, length] → the cache of `slots` positions. */
export function prefillProgram(model: Model, length: number, { slots, hookPoint }: DecoderShape): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const { inputs: steering, edits } = steeringEdit(model, hookPoint, length);
  const pass = model.prefill(ids, new Hooks(edits));
  const padded = (arrays: readonly Traced[]): Traced[] => arrays.map((array) => op.pad(array, 2, 0, slots - length));
  const outputs = named({ keys: padded(pass.keys), values: padded(pass.values) });
  return { inputs: { ids, ...steering, ...model.parameters }, outputs };
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

export const compileOptions = (model: Model, state?: Arrays): CompileOptions => ({
  weights: model.weights,
  ...(state && { state }),
});

/** Adds `vectors` [batch, width] at the hook point, times `steered` [batch, length]: 1 where a token is steered, else 0. */
function steeringEdit(
  model: Model,
  hookPoint: string | null,
  length: number,
): { inputs: TracedRecord; edits: Record<string, Edit> } {
  if (hookPoint === null) return { inputs: {}, edits: {} };
  const point = hookPointNamed(model, hookPoint);
  const vectors = op.input('vectors', [op.batch, point.width]);
  const steered = op.input('steered', [op.batch, length]);
  const edit: Edit = (x) => {
    const [batch, , ...rest] = x.shape; // [batch, length, width] or [batch, length, heads, head_width]
    const ones = rest.map(() => 1);
    return op.add(x, op.mul(op.reshape(steered, [batch!, length, ...ones]), op.reshape(vectors, [batch!, 1, ...rest])));
  };
  return { inputs: { vectors, steered }, edits: { [point.name]: edit } };
}

const likeliest = (logits: Traced): Traced => op.reshape(op.topK(logits, 1).indices, [logits.shape[0]!, 1]);

function named({ keys, values }: { keys: readonly Traced[]; values: readonly Traced[] }): TracedRecord {
  const entries = keys.flatMap((key, layer) => [
    [cacheName('keys', layer), key] as const,
    [cacheName('values', layer), values[layer]!] as const,
  ]);
  return Object.fromEntries(entries);
}
