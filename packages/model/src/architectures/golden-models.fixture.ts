import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as op from '@monosema/engine';
import type { Arrays, Engine, Traced } from '@monosema/engine';
import { readSafetensors, type NamedArrays } from '@monosema/formats';
import { Hooks, loadModel, tokenLosses, type Edit, type Model } from '../index.ts';

const folder = new URL('../../fixtures/architectures/', import.meta.url);

/** A tiny random model of a family in the hub's layout: scripts/make-architecture-goldens.py. */
export interface GoldenModel {
  readonly name: string;
  readonly model: Model;
  readonly ids: Int32Array;
  /** The likeliest continuation of `ids`. */
  readonly greedy: readonly number[];
  /** How far transformers is from TransformerLens on it. */
  readonly transformersDifference: number;
  /**
   * What TransformerLens computes in float64: hook points by name, `logits`, `edit:NAME` (logits of the last token with the
   * value at NAME times 1.5) and `gradient:NAME` (of the mean next-token loss).
   */
  readonly arrays: NamedArrays;
}

export const goldenNames: readonly string[] = readdirSync(folder).sort();

export async function openGolden(name: string): Promise<GoldenModel> {
  const file = (part: string): Buffer => readFileSync(new URL(`${name}/${part}`, folder));
  const { ids, ...golden } = JSON.parse(file('golden.json').toString()) as Omit<GoldenModel, 'ids'> & { ids: number[] };
  const arrays = readSafetensors(gunzipSync(file('golden.safetensors.gz')));
  const model = await loadModel(fileURLToPath(new URL(name, folder)));
  return { ...golden, name, model, ids: Int32Array.from(ids), arrays };
}

const larger: Edit = (value) => op.mul(value, 1.5);

/** What the golden file holds under `names`, by one program of an engine. */
export async function runGolden(
  engine: Engine,
  { model, ids, arrays }: GoldenModel,
  names: readonly string[] = Object.keys(arrays),
): Promise<Arrays> {
  const tokens = op.input('ids', [1, ids.length], 'int');
  const hooks = new Hooks();
  const logits = model.trace(tokens, hooks);
  const loss = op.mean(tokenLosses(logits, tokens));
  const value = (name: string): Traced => {
    const [kind, at = ''] = name.split(':');
    if (name === 'logits') return logits;
    if (kind === 'gradient') return op.gradients(loss, [hooks.taps[at]!])[0]!;
    if (kind === 'edit') return lastToken(model.trace(tokens, new Hooks({ [at]: larger })));
    const tap = hooks.taps[name];
    if (!tap) throw new Error(`${model.id} has no hook point ${name}`);
    return tap;
  };
  const outputs = Object.fromEntries(names.map((name) => [name, value(name)]));
  const program = { inputs: { ids: tokens, ...model.parameters }, outputs };
  const executable = await engine.compile(program, { weights: model.weights });
  try {
    return await executable.run({ ids: { data: ids, shape: [1, ids.length] } });
  } finally {
    await executable.dispose();
  }
}

/** [1, length, width] → [width] of the last token. */
function lastToken(logits: Traced): Traced {
  const [, length, width] = logits.shape as [op.Dim, number, number];
  return op.reshape(op.slice(logits, 1, length - 1, length), [width]);
}

/** The largest difference of two arrays; −∞, which masked scores are, is as far from itself as 0 from 0. */
export function differenceOf(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  return Array.from(want).reduce((worst, x, i) => (x === got[i] ? worst : Math.max(worst, Math.abs(x - got[i]!))), 0);
}
