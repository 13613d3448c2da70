import * as op from '@monosema/engine';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goldenNames, openGolden } from '../architectures/golden-models.fixture.ts';
import { compileForward, generate, generateStream, loadModel, type GeneratedToken, type Model } from '../index.ts';

let model: Model;
let engine: Engine;
beforeAll(async () => {
  model = await loadModel('stories-260k');
  engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(() => engine.close());

const prompts = ['Once upon a time', 'Lily and Tom went to the park. They', 'One'];

test('tokens come one by one, and join to what generate gives', async () => {
  const tokens: GeneratedToken[] = [];
  for await (const token of generateStream(engine, model, { prompts, newTokens: 12 })) tokens.push(token);
  const whole = await generate(engine, model, { prompts, newTokens: 12 });
  for (const row of prompts.keys()) {
    const own = tokens.filter((token) => token.row === row);
    expect(own.map(({ id }) => id)).toEqual(whole.ids[row]);
    expect(own.map(({ text }) => text).join('')).toBe(whole.texts[row]);
    expect(own.map(({ end }) => end)).toEqual([...new Array<null>(11).fill(null), 'length']);
  }
  expect(whole.ends).toEqual(['length', 'length', 'length']);
  expect(whole.texts).toEqual(whole.ids.map((ids) => model.tokenizer.vocabulary.textsOf(ids).join('')));
});

test('leaving the loop or aborting frees the decoder for the next call', async () => {
  const options = { prompts, newTokens: 12 };
  for await (const token of generateStream(engine, model, options)) if (token.row === 2) break;
  const aborting = new AbortController();
  const seen: GeneratedToken[] = [];
  await expect(async () => {
    for await (const token of generateStream(engine, model, { ...options, signal: aborting.signal }))
      if (seen.push(token) === 5) aborting.abort(new Error('enough'));
  }).rejects.toThrow('enough');
  expect(seen.length).toBe(6);
  expect((await generate(engine, model, options)).ids).toEqual(
    (await Promise.all(prompts.map((prompt) => generate(engine, model, { ...options, prompts: [prompt] })))).map(
      ({ ids }) => ids[0],
    ),
  );
});

test('stop strings end a row, and are not part of its text', async () => {
  const plain = await generate(engine, model, { prompts, newTokens: 40 });
  const { ids, texts, ends } = await generate(engine, model, { prompts, newTokens: 40, stopStrings: ['little', '. '] });
  texts.forEach((text, row) => {
    const ended = /little|\. /.exec(plain.texts[row]!);
    expect(text).toBe(plain.texts[row]!.slice(0, ended?.index));
    expect(ends[row]).toBe(ended ? 'stopString' : 'length');
    expect(plain.ids[row]!.slice(0, ids[row]!.length)).toEqual(ids[row]);
  });
  expect(ends).toContain('stopString');
});

test('stop tokens end a row, and are not part of it', async () => {
  const [[first = 0, second = 0, third = 0] = []] = (await generate(engine, model, { prompts: ['One'], newTokens: 3 }))
    .ids;
  const stopped = await generate(engine, model, { prompts: ['One'], newTokens: 3, stopTokens: [third] });
  expect(stopped).toMatchObject({ ids: [[first, second]], ends: ['stopToken'] });
});

test('a seed gives the same text again, whatever the likeliest tokens that it is drawn from', async () => {
  for (const drawing of [{ topK: 5 }, { topP: 0.9 }, { topK: 20, topP: 0.8, frequencyPenalty: 0.5 }]) {
    const options = { prompts, newTokens: 15, temperature: 1, ...drawing };
    const first = await generate(engine, model, { ...options, seed: 5 });
    expect(await generate(engine, model, { ...options, seed: 5 })).toEqual(first);
    expect((await generate(engine, model, { ...options, seed: 6 })).ids).not.toEqual(first.ids);
  }
  const one = await generate(engine, model, { prompts, newTokens: 15, temperature: 1, topK: 1, seed: 5 });
  expect(one.ids).toEqual((await generate(engine, model, { prompts, newTokens: 15 })).ids);
});

test('a penalty for what is there already makes for variety', async () => {
  const options = { prompts: ['Once upon a time'], newTokens: 60 };
  const count = ({ ids }: { ids: number[][] }): number => new Set(ids[0]).size;
  const plain = await generate(engine, model, options);
  const varied = await generate(engine, model, { ...options, frequencyPenalty: 2 });
  const different = await generate(engine, model, { ...options, presencePenalty: 1000 });
  expect(count(varied)).toBeGreaterThan(count(plain));
  expect(count(different)).toBe(60);
});

/** Greedy writing of one row with the whole text read anew for every token. */
async function writeSlowly(prompt: readonly number[], newTokens: number, edits: EditsAt): Promise<number[]> {
  const ids = [...prompt];
  while (ids.length < prompt.length + newTokens) {
    const { run, dispose } = await compileForward(engine, model, {
      length: ids.length,
      logits: true,
      edits: edits(ids),
    });
    const logits = (await run(Int32Array.from(ids))).logits!.data.subarray(-512) as Float32Array;
    await dispose();
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  return ids.slice(prompt.length);
}
type EditsAt = (ids: readonly number[]) => Record<string, (value: op.Traced) => op.Traced>;

test('any edits, several at once, are those of every pass', async () => {
  const newTokens = 5;
  const texts = ['Once upon a time', 'Lily and'].map((text) => model.tokenizer.encode(text));
  // Heads 2 and 5 of a block are switched off, the MLP of another is louder, and a pattern looks back less.
  const heads = op.constant(Float32Array.from([1, 1, 0, 1, 1, 0, 1, 1]), [8, 1]);
  const edits = {
    'blocks.1.attn.hook_z': (z: op.Traced) => op.mul(z, heads),
    'blocks.2.hook_mlp_out': (x: op.Traced) => op.mul(x, 2),
    'blocks.3.attn.hook_pattern': (pattern: op.Traced) => op.mul(pattern, 0.7),
  };
  const { ids } = await generate(engine, model, { prompts: texts, newTokens, edits });
  for (const [row, prompt] of texts.entries())
    expect(ids[row]).toEqual(await writeSlowly(prompt, newTokens, () => edits));
  expect(ids).not.toEqual((await generate(engine, model, { prompts: texts, newTokens })).ids);
});

test('an edit knows the tokens and their places, and reads inputs of its own', async () => {
  const newTokens = 4;
  const texts = ['Once upon a time', 'Lily and'].map((text) => model.tokenizer.encode(text));
  const table = Float32Array.from({ length: 512 * 64 }, (_, i) => 0.8 * Math.sin(i));
  const scale = op.input('scale', [op.batch]);
  const bigram = op.input('bigram', [512, 64]);
  const scales = Float32Array.of(1, -0.5);
  const hookPoint = 'blocks.2.hook_resid_post';
  const { ids } = await generate(engine, model, {
    prompts: texts,
    newTokens,
    edits: {
      [hookPoint]: (x, place) => {
        const later = op.where(op.greater(place.positions, 1), 1, 0); // [batch or 1, length]
        const strength = op.mul(op.reshape(scale, [op.batch, 1]), later);
        return op.add(x, op.mul(op.gatherRows(bigram, place.ids), op.reshape(strength, [op.batch, x.shape[1]!, 1])));
      },
    },
    inputs: { scale, bigram },
    weights: { bigram: { data: table, shape: [512, 64] } },
    feeds: { scale: { data: scales, shape: [2] } },
  });
  for (const [row, prompt] of texts.entries()) {
    const added: EditsAt = (tokens) => {
      const values = tokens.flatMap((id, i) =>
        Array.from(table.subarray(id * 64, (id + 1) * 64), (value) => (i > 1 ? value * scales[row]! : 0)),
      );
      return { [hookPoint]: (x) => op.add(x, op.constant(Float32Array.from(values), [1, tokens.length, 64])) };
    };
    expect(ids[row]).toEqual(await writeSlowly(prompt, newTokens, added));
  }
});

test('steering at two hook points is the sum of both, and comes before an edit of the same', async () => {
  const wave = (strength: number): Float32Array => Float32Array.from({ length: 64 }, (_, i) => strength * Math.sin(i));
  const prompt = model.tokenizer.encode('Once upon a time');
  const steered = op.constant(
    Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
    [64],
  );
  const edit = [
    { hookPoint: 'blocks.1.hook_resid_post', vectors: wave(1) },
    { hookPoint: 'blocks.3.hook_resid_post', vectors: wave(2), positions: 'generated' as const },
  ];
  const { ids } = await generate(engine, model, {
    prompts: [prompt],
    newTokens: 5,
    edit,
    edits: { 'blocks.1.hook_resid_post': (x) => op.mul(x, 1.25) },
  });
  const want = await writeSlowly(prompt, 5, (tokens) => {
    const from = (first: number, strength: number) => (x: op.Traced) => {
      const mask = op.constant(
        Float32Array.from(tokens, (_, i) => (i >= first ? strength : 0)),
        [tokens.length, 1],
      );
      return op.add(x, op.mul(mask, steered));
    };
    return {
      'blocks.1.hook_resid_post': (x) => op.mul(from(1, 1)(x), 1.25),
      'blocks.3.hook_resid_post': from(prompt.length - 1, 2),
    };
  });
  expect(ids).toEqual([want]);
});

test.each(goldenNames)('%s: prompts of different lengths are written together as each alone', async (name) => {
  const { model, ids, greedy } = await openGolden(name);
  const all = Array.from(ids);
  const rows = [all, all.slice(0, 1), all.slice(0, 4), all];
  const together = await generate(engine, model, { prompts: rows, newTokens: greedy.length });
  expect([together.ids[0], together.ids[3]]).toEqual([greedy, greedy]);
  for (const row of [1, 2]) {
    const alone = await generate(engine, model, { prompts: [rows[row]!], newTokens: greedy.length });
    expect(together.ids[row]).toEqual(alone.ids[0]);
  }
});

test('many long prompts are read in groups', async () => {
  const story = model.tokenizer.encode('Once upon a time there was a little girl who went to the park. '.repeat(12));
  const rows = Array.from({ length: 24 }, (_, row) => story.slice(0, 200 + row));
  const scale = op.input('scale', [op.batch]);
  const [fixed, vectors] = [op.input('fixed', [64]), new Float32Array(24 * 64)];
  vectors.fill(0.3, 20 * 64, 21 * 64);
  const options = (prompts: number[][], of: (whole: Float32Array, width: number) => Float32Array) => ({
    prompts,
    newTokens: 4,
    edit: { hookPoint: 'blocks.1.hook_resid_post', vectors: of(vectors, 64) },
    edits: {
      'blocks.2.hook_resid_post': (x: op.Traced) => op.add(x, op.mul(op.reshape(scale, [op.batch, 1, 1]), fixed)),
    },
    inputs: { scale, fixed },
    feeds: {
      scale: {
        data: of(
          Float32Array.from(rows, (_, row) => Math.sin(row)),
          1,
        ),
        shape: [prompts.length],
      },
      fixed: { data: Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)), shape: [64] },
    },
  });
  const together = await generate(
    engine,
    model,
    options(rows, (whole) => whole),
  );
  for (const row of [0, 19, 20, 23]) {
    const own = options([rows[row]!], (whole, width) => whole.slice(row * width, (row + 1) * width));
    expect(together.ids[row]).toEqual((await generate(engine, model, own)).ids[0]);
  }
});
