import * as op from '@monosema/engine';
import { openEngine, type Arrays, type Engine } from '@monosema/engine';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { huggingFaceGolden, largestError, storiesGolden } from '../../golden.fixture.ts';
import { compileForward, loadModel, tokenLosses, type ForwardOptions, type Model } from '../../index.ts';

let model: Model;
let engine: Engine;
beforeAll(async () => {
  model = await loadModel('stories-260k');
  engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(() => engine.close());

async function runOnce(
  ids: readonly number[],
  options: Omit<ForwardOptions, 'length'>,
  extra: Arrays = {},
  on = engine,
): Promise<Arrays> {
  const forward = await compileForward(on, model, { length: ids.length, ...options });
  try {
    return await forward.run(Int32Array.from(ids), extra);
  } finally {
    await forward.dispose();
  }
}
const resid = (layer: number): string => `blocks.${layer}.hook_resid_post`;
const layers = [0, 1, 2, 3, 4];
/** The last position of an output [1, length, width]. */
const last = (output: Arrays[string] | undefined): Float32Array =>
  (output!.data as Float32Array).subarray(-output!.shape.at(-1)!);

describe.each(storiesGolden.cases)('on "$text"', (golden) => {
  test('logits, residuals and loss are those of the float64 pass', async () => {
    const got = await runOnce(golden.ids, {
      taps: layers.map(resid),
      logits: true,
      outputs: ({ logits, ids }) => ({ loss: op.mean(tokenLosses(logits, ids)) }),
    });
    const logits = last(got.logits);
    expect(
      largestError(
        golden.last_top10_ids.map((id) => logits[id]!),
        golden.last_top10_logits,
      ),
    ).toBeLessThan(2e-5);
    for (const layer of layers)
      expect(
        largestError(last(got[resid(layer)]).subarray(0, 8), golden.resid_post_last_pos_first8[layer]!),
      ).toBeLessThan(1e-5);
    expect(got.loss!.data[0]).toBeCloseTo(golden.mean_ce, 5);
  });
});

test.each(huggingFaceGolden.passes)(
  'logits and residuals of "$text" are those of transformers and torch',
  async (golden) => {
    const names = golden.lastResidPre.map((_, layer) => `blocks.${layer}.hook_resid_pre`);
    const got = await runOnce(golden.ids, { taps: names, logits: true });
    expect(largestError(last(got.logits), golden.lastLogits)).toBeLessThan(5e-5);
    golden.lastResidPre.forEach((want, layer) =>
      expect(largestError(last(got[names[layer]!]), want)).toBeLessThan(2e-5),
    );
  },
);

test('the loss on held-out stories is that of transformers and torch', async () => {
  const { documents, tokens, loss } = huggingFaceGolden.heldOut;
  const stories = (await openDataSet('tinystories')).documents('heldOut').slice(0, documents);
  const rows = stories.map((story) => model.tokenizer.encode(story).slice(0, 256));
  const ids = new Int32Array(documents * 256);
  rows.forEach((row, i) => ids.set(row, i * 256));
  const forward = await compileForward(engine, model, {
    length: 256,
    outputs: ({ logits, ids }) => ({ losses: tokenLosses(logits, ids) }),
  });
  const losses = (await forward.run(ids)).losses!.data;
  await forward.dispose();
  // What stands behind the end of a story is padding, which causal attention keeps away from it.
  const own = rows.flatMap((row, i) => Array.from(losses.subarray(i * 255, i * 255 + row.length - 1)));
  expect(own.length).toBe(tokens);
  expect(own.reduce((a, b) => a + b, 0) / own.length).toBeCloseTo(loss, 5);
});

test('the float64 reference runs the same program', async () => {
  const reference = await openEngine({ engine: 'reference' });
  const ids = storiesGolden.cases[0]!.ids;
  const options = { taps: model.hookPoints.map(({ name }) => name), logits: true };
  const [fast, exact] = await Promise.all([runOnce(ids, options), runOnce(ids, options, {}, reference)]);
  await reference.close();
  for (const [name, { data, shape }] of Object.entries(exact)) {
    expect(fast[name]!.shape, name).toEqual(shape);
    expect(largestError(fast[name]!.data, data), name).toBeLessThan(5e-5);
  }
});

test('every hook point has the width that it claims', async () => {
  const got = await runOnce([1, 403, 407], { taps: model.hookPoints.map(({ name }) => name) });
  for (const { name, width } of model.hookPoints)
    expect(got[name]!.data.length, name).toBe(width === null ? 8 * 3 * 3 : 3 * width);
});

test('rows of a batch do not see each other', async () => {
  const [a, b] = [
    [1, 403, 407, 261],
    [1, 317, 269, 326],
  ];
  const forward = await compileForward(engine, model, { length: 4, logits: true });
  const both = (await forward.run(Int32Array.from([...a!, ...b!]))).logits!.data;
  const alone = (await forward.run(Int32Array.from(b!))).logits!.data;
  await forward.dispose();
  expect(largestError(both.subarray(alone.length), alone)).toBeLessThan(1e-5);
});

test.each([
  'blocks.1.hook_resid_post',
  'blocks.2.ln1.hook_normalized',
  'blocks.3.attn.hook_z',
  'ln_final.hook_normalized',
])('an edit at %s reaches the logits, and the identity changes nothing', async (name) => {
  const ids = storiesGolden.cases[1]!.ids;
  const plain = (await runOnce(ids, { logits: true })).logits!.data;
  const same = (await runOnce(ids, { logits: true, edits: { [name]: (x) => op.mul(x, 1) } })).logits!.data;
  const doubled = (await runOnce(ids, { logits: true, edits: { [name]: (x) => op.mul(x, 2) } })).logits!.data;
  expect(largestError(same, plain)).toBeLessThan(5e-5);
  expect(largestError(doubled, plain)).toBeGreaterThan(0.1);
});

test('an edit takes inputs of its own', async () => {
  const ids = [1, 403, 407];
  const vector = op.input('vector', [64]);
  const edits = { [resid(2)]: (x: op.Traced) => op.add(x, vector) };
  const options = { taps: [resid(1), resid(2)], inputs: { vector }, edits };
  const plain = await runOnce(ids, { taps: [resid(1), resid(2)] });
  const got = await runOnce(ids, options, { vector: { data: new Float32Array(64).fill(0.5), shape: [64] } });
  expect(got[resid(1)]).toEqual(plain[resid(1)]);
  expect(
    largestError(
      got[resid(2)]!.data,
      Array.from(plain[resid(2)]!.data, (x) => x + 0.5),
    ),
  ).toBeLessThan(1e-5);
});

test('wrong requests are named', async () => {
  await expect(compileForward(engine, model, { length: 513 })).rejects.toThrow(
    'length is 513, but stories-260k reads at most 512 tokens',
  );
  await expect(compileForward(engine, model, { length: 4, taps: ['blocks.9.hook_resid_post'] })).rejects.toThrow(
    'layer 9 is out of range',
  );
  await expect(
    compileForward(engine, model, { length: 4, logits: true, edits: { hook_resid: (x) => x } }),
  ).rejects.toThrow('no hook point "hook_resid"');
  await expect(
    compileForward(engine, model, { length: 4, logits: true, edits: { hook_embed: (x) => op.sum(x) } }),
  ).rejects.toThrow('the edit at hook_embed gives shape []');
  await expect(runOnce([1, 512], { logits: true })).rejects.toThrow(
    'token id 512 at position 1 of row 0: stories-260k has ids 0 to 511',
  );
  await expect(runOnce([1, -1], { logits: true })).rejects.toThrow('token id -1');
});
