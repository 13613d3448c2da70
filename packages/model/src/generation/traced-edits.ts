import * as op from '@monosema/engine';
import type { Arrays, Dim, Traced, TracedRecord } from '@monosema/engine';
import { hookPointNamed } from '../hook-point-named.ts';
import { Hooks, type Edit } from '../hooks.ts';
import type { Model } from '../model.ts';
import { steeringOf, type EditPlace, type GenerateOptions, type SteeringEdit } from './options.ts';

/** Whether a steering edit has anything to do with a stretch of tokens. */
const isActive = ({ positions = 'all' }: SteeringEdit, generated: boolean): boolean => generated || positions === 'all';

/** The edits of a stretch of tokens as hooks, and the inputs that they read: those of `steeringFeeds`, and the caller's. */
export function tracedEdits(
  model: Model,
  options: Pick<GenerateOptions, 'edit' | 'edits' | 'inputs'>,
  place: EditPlace,
): { inputs: TracedRecord; hooks: Hooks } {
  const inputs: TracedRecord = { ...options.inputs };
  const edits: Record<string, Edit> = {};
  const append = (name: string, edit: Edit): void => {
    const before = edits[name];
    edits[name] = before ? (value) => edit(before(value)) : edit;
  };
  const length = place.ids.shape[1]!;
  steeringOf(options).forEach((steering, i) => {
    if (!isActive(steering, place.generated)) return;
    const { name, width } = hookPointNamed(model, steering.hookPoint);
    inputs['steered'] ??= op.input('steered', [op.batch, length]);
    inputs[`vectors.${i}`] = op.input(`vectors.${i}`, [op.batch, width]);
    append(name, adding(inputs[`vectors.${i}`]!, inputs['steered']));
  });
  for (const [name, edit] of Object.entries(options.edits ?? {})) append(name, (value) => edit(value, place));
  return { inputs, hooks: new Hooks(edits) };
}

/** Adds `vectors` [batch, width], times `steered` [batch, length]: 1 where a token is steered, else 0. */
const adding =
  (vectors: Traced, steered: Traced): Edit =>
  (x) => {
    const [batch, length, ...rest] = x.shape as [Dim, Dim, ...Dim[]]; // [batch, length, width] or [batch, length, heads, head_width]
    const ones = rest.map(() => 1);
    return op.add(x, op.mul(op.reshape(steered, [batch, length, ...ones]), op.reshape(vectors, [batch, 1, ...rest])));
  };

/** Values of the inputs that steering reads, for `ids` [rows, length]; special tokens are not steered. */
export function steeringFeeds(
  edits: readonly SteeringEdit[],
  ids: Int32Array,
  rows: number,
  special: ReadonlySet<number>,
  generated: boolean,
): Arrays {
  const feeds: Arrays = {};
  edits.forEach((edit, i) => {
    if (!isActive(edit, generated)) return;
    feeds['steered'] ??= {
      data: Float32Array.from(ids, (id) => (special.has(id) ? 0 : 1)),
      shape: [rows, ids.length / rows],
    };
    feeds[`vectors.${i}`] = { data: edit.vectors, shape: [rows, edit.vectors.length / rows] };
  });
  return feeds;
}
