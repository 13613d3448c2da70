import * as op from '@monosema/engine';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { huggingFaceGolden, storiesGolden } from '../golden.fixture.ts';
import { compileForward, generate, hookPointNamed, loadModel, type Model, type SteeringEdit } from '../index.ts';

let model: Model;
let engine: Engine;
beforeAll(async () => {
  model = await loadModel('stories-260k');
  engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(() => engine.close());

test('the published text is written', async () => {
  const { ids, texts } = await generate(engine, model, { prompts: [[1]], newTokens: 200 });
  expect([1, ...ids[0]!]).toEqual(storiesGolden.greedy_ids);
  expect(texts).toEqual([` ${storiesGolden.expected_greedy_text}`]);
});

test('prompts of different lengths are written together as transformers writes each', async () => {
  const { passes } = huggingFaceGolden;
  const { ids } = await generate(engine, model, { prompts: passes.map(({ text }) => text), newTokens: 40 });
  expect(ids).toEqual(passes.map(({ greedy }) => greedy));
});

/** Greedy writing with the whole text read anew for every token: what a cache must not change. */
async function writeSlowly(
  prompt: readonly number[],
  newTokens: number,
  { hookPoint, vectors, positions = 'all' }: SteeringEdit,
): Promise<number[]> {
  const ids = [...prompt];
  while (ids.length < prompt.length + newTokens) {
    const first = positions === 'all' ? 1 : prompt.length - 1;
    const steered = op.constant(
      Float32Array.from(ids, (_, i) => (i >= first ? 1 : 0)),
      [ids.length, 1],
    );
    const edits = {
      [hookPoint]: (x: op.Traced) =>
        op.add(
          x,
          op.reshape(op.mul(steered, op.constant(vectors, [vectors.length])), [1, ids.length, ...x.shape.slice(2)]),
        ),
    };
    const forward = await compileForward(engine, model, { length: ids.length, logits: true, edits });
    const logits = (await forward.run(Int32Array.from(ids))).logits!.data.subarray(-512) as Float32Array;
    await forward.dispose();
    ids.push(logits.indexOf(logits.reduce((a, b) => Math.max(a, b))));
  }
  return ids.slice(prompt.length);
}

const wave = (strength: number): Float32Array => Float32Array.from({ length: 64 }, (_, i) => strength * Math.sin(i));

test.each([
  ['blocks.2.hook_resid_post', 'all'],
  ['blocks.2.hook_resid_post', 'generated'],
  ['blocks.1.attn.hook_z', 'all'],
  ['blocks.3.mlp.hook_post', 'generated'],
] as const)('steering at %s, %s positions, is an edit of every pass', async (hookPoint, positions) => {
  const { width } = hookPointNamed(model, hookPoint);
  const prompts = ['Once upon a time', 'Lily'].map((text) => model.tokenizer.encode(text));
  const vectors = Float32Array.from({ length: 2 * width }, (_, i) => 1.5 * Math.sin(i));
  const { ids } = await generate(engine, model, { prompts, newTokens: 5, edit: { hookPoint, vectors, positions } });
  for (const [row, prompt] of prompts.entries())
    expect(ids[row]).toEqual(
      await writeSlowly(prompt, 5, { hookPoint, vectors: vectors.subarray(row * width, (row + 1) * width), positions }),
    );
});

test('a vector of zeros changes nothing, another does, each in its own row', async () => {
  const prompts = ['Once upon a time', 'Once upon a time'];
  const plain = await generate(engine, model, { prompts, newTokens: 20 });
  const vectors = new Float32Array(128);
  vectors.set(wave(2), 64);
  const steered = await generate(engine, model, {
    prompts,
    newTokens: 20,
    edit: { hookPoint: 'blocks.2.hook_resid_post', vectors },
  });
  expect(steered.texts[0]).toBe(plain.texts[0]);
  expect(steered.texts[1]).not.toBe(plain.texts[1]);
});

test('drawing is repeatable, differs by seed, and does not depend on the other rows', async () => {
  const draw = (prompts: string[], seed: number): Promise<string[]> =>
    generate(engine, model, { prompts, newTokens: 20, temperature: 1, seed }).then(({ texts }) => texts);
  const [first] = await draw(['Once upon a time'], 1);
  expect((await draw(['Once upon a time', 'Once upon a time'], 1))[0]).toBe(first);
  expect((await draw(['Once upon a time', 'Once upon a time'], 1))[1]).not.toBe(first);
  expect((await draw(['Once upon a time'], 2))[0]).not.toBe(first);
});

test('calls side by side do not disturb each other', async () => {
  const prompts = ['Once upon a time', 'Lily and Tom', 'One day'];
  const together = await Promise.all(
    prompts.map((prompt) => generate(engine, model, { prompts: [prompt], newTokens: 12 })),
  );
  for (const [i, prompt] of prompts.entries())
    expect(together[i]).toEqual(await generate(engine, model, { prompts: [prompt], newTokens: 12 }));
});

test('the float64 reference writes the same', async () => {
  const reference = await openEngine({ engine: 'reference' });
  const options = { prompts: ['Once upon a time'], newTokens: 3 };
  expect(await generate(reference, model, options)).toEqual(await generate(engine, model, options));
  await reference.close();
});

test('wrong options are named', async () => {
  const wrong = (options: object): Promise<unknown> =>
    generate(engine, model, { prompts: ['Once'], newTokens: 4, ...options });
  await expect(wrong({ newTokens: 0 })).rejects.toThrow('newTokens is 0');
  await expect(wrong({ newTokens: 511 })).rejects.toThrow(
    'prompt 0 has 2 tokens and newTokens is 511, but stories-260k reads at most 512',
  );
  await expect(wrong({ temperature: -1 })).rejects.toThrow('temperature is -1');
  await expect(wrong({ topK: 0 })).rejects.toThrow('topK is 0');
  await expect(wrong({ topP: 1.5 })).rejects.toThrow('topP is 1.5');
  await expect(wrong({ presencePenalty: NaN })).rejects.toThrow('presencePenalty is NaN');
  await expect(wrong({ seed: 0.5 })).rejects.toThrow('seed is 0.5');
  await expect(wrong({ stopTokens: [512] })).rejects.toThrow('token id 512');
  await expect(wrong({ stopStrings: ['.', ''] })).rejects.toThrow('stopStrings has an empty string');
  await expect(wrong({ edits: { 'blocks.5.hook_resid_pre': (x: op.Traced) => x } })).rejects.toThrow(
    'layer 5 is out of range',
  );
  await expect(wrong({ prompts: [[]] })).rejects.toThrow('prompt 0 is empty');
  await expect(wrong({ prompts: [[1, 600]] })).rejects.toThrow('token id 600');
  await expect(wrong({ edit: { hookPoint: 'blocks.2.resid', vectors: wave(1) } })).rejects.toThrow(
    'no hook point "blocks.2.resid"',
  );
  await expect(
    wrong({ edit: { hookPoint: 'blocks.2.hook_resid_post', vectors: new Float32Array(3) } }),
  ).rejects.toThrow('edit.vectors has 3 numbers');
  const good = { hookPoint: 'blocks.2.hook_resid_post', vectors: wave(1) };
  await expect(wrong({ edit: [good, { ...good, vectors: new Float32Array(128) }] })).rejects.toThrow(
    'edit[1].vectors has 128 numbers, but 1 prompts × width 64',
  );
  await expect(wrong({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  expect(await wrong({ prompts: [] })).toEqual({ ids: [], texts: [], ends: [] });
});
