import { fileURLToPath } from 'node:url';
import * as op from '@monosema/engine';
import { evaluate, type ReferenceArrays } from '@monosema/engine';
import { expect, test } from 'vitest';
import { largestError } from '../golden.fixture.ts';
import { Hooks, loadModel, type Edit, type Model } from '../index.ts';

const row = [0, 14, 21, 29, 6, 22];
const slots = 7;
const load = (name: string): Promise<Model> =>
  loadModel(fileURLToPath(new URL(`../../fixtures/architectures/${name}`, import.meta.url)));

/** The last token's logits when all tokens are read at once, in float64. */
function atOnce(model: Model, edits: Record<string, Edit>): number[] {
  const ids = op.input('ids', [1, row.length], 'int');
  const logits = model.trace(ids, new Hooks(edits));
  const feeds = { ids: { data: row, shape: [1, row.length] }, ...model.weights };
  const { data } = evaluate({ inputs: { ids, ...model.parameters }, outputs: { logits } }, feeds).logits!;
  return [...data.slice(-model.config.vocabularySize)];
}

/** The same with the last two tokens decoded, one after the other, against the keys and values of those before. */
function stepByStep(model: Model, edits: Record<string, Edit>): number[] {
  const prompt = row.slice(0, -2);
  const ids = op.input('ids', [1, prompt.length], 'int');
  const pass = model.prefill(ids, new Hooks(edits));
  const padded = (arrays: readonly op.Traced[]): op.Traced[] =>
    arrays.map((x) => op.pad(x, 2, 0, slots - prompt.length));
  const outputs = named({ keys: padded(pass.keys), values: padded(pass.values) });
  const feeds = { ids: { data: prompt, shape: [1, prompt.length] }, ...model.weights };
  const cache = evaluate({ inputs: { ids, ...model.parameters }, outputs }, feeds);
  const { logits: _, ...next } = step(model, edits, cache, prompt.length);
  return [...step(model, edits, next, prompt.length + 1).logits!.data];
}

function step(model: Model, edits: Record<string, Edit>, cache: ReferenceArrays, at: number): ReferenceArrays {
  const { layers, keyValueHeads, headWidth } = model.config;
  const ids = op.input('ids', [1, 1], 'int');
  const position = op.input('position', [1], 'int');
  const past = (kind: string): op.Traced[] =>
    Array.from({ length: layers }, (_, layer) => op.input(`${kind}.${layer}`, [1, keyValueHeads, slots, headWidth]));
  const [keys, values] = [past('keys'), past('values')];
  const pass = model.decode(ids, { keys, values, position }, new Hooks(edits));
  const inputs = { ids, position, ...named({ keys, values }), ...model.parameters };
  const fed = { ids: { data: [row[at]!], shape: [1, 1] }, position: { data: [at], shape: [1] } };
  return evaluate({ inputs, outputs: { logits: pass.logits, ...named(pass) } }, { ...fed, ...cache, ...model.weights });
}

/** Times another number at each entry of the last axis: a norm would undo one for all. */
const uneven: Edit = (x) => {
  const width = x.shape.at(-1) as number;
  return op.mul(
    x,
    op.constant(
      Float64Array.from({ length: width }, (_, i) => 1.2 + 0.1 * i),
      [width],
    ),
  );
};

const named = ({ keys, values }: Pick<ReturnType<Model['prefill']>, 'keys' | 'values'>): op.TracedRecord =>
  Object.fromEntries(keys.flatMap((key, i) => [[`keys.${i}`, key] as const, [`values.${i}`, values[i]!] as const]));

// Between them: learned and rotary positions, windows, soft caps, shared key heads, head norms, post norms, parallel blocks.
test.each(['gpt2', 'gpt-neo', 'pythia', 'gemma-2', 'qwen3'])(
  'decoding %s gives what a pass over all tokens gives, whatever is edited',
  async (name) => {
    const model = await load(name);
    const plain = atOnce(model, {});
    expect(largestError(stepByStep(model, {}), plain)).toBeLessThan(1e-9);
    const points = model.hookPoints.filter(({ layer }) => layer !== 1).map((point) => point.name);
    const isInput = (point: string): boolean => point.endsWith('_in') || point.endsWith('_input');
    const others = points.filter((point) => !isInput(point));
    const groups = [points.filter(isInput), ...[0, 1, 2].map((part) => others.filter((_, i) => i % 3 === part))];
    for (const group of groups) {
      const edits = Object.fromEntries(group.map((point) => [point, uneven]));
      const edited = atOnce(model, edits);
      expect(largestError(stepByStep(model, edits), edited), group.join()).toBeLessThan(1e-9);
      expect(largestError(edited, plain), group.join()).toBeGreaterThan(1e-3);
    }
  },
);
