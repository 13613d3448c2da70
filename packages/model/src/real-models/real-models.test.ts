import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as op from '@monosema/engine';
import { openEngine, type Engine } from '@monosema/engine';
import { HubError, openModelFolder } from '@monosema/hub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestError } from '../golden.fixture.ts';
import { compileForward, generate, loadModel, tokenLosses, type Model } from '../index.ts';
import { readRealModelSettings } from './env.ts';

// docs/models.md says how to run these: they need models that the project does not carry.
const { enabled, smolLm2 } = readRealModelSettings();
let engine: Engine;
beforeAll(async () => {
  if (enabled) engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(async () => {
  if (enabled) await engine.close();
});

/** scripts/make-smollm2-golden.py: transformers on the same de-quantised weights. */
const golden = JSON.parse(readFileSync(new URL('../../fixtures/smollm2-golden.json', import.meta.url), 'utf8')) as {
  file: string;
  sha256: string;
  cases: {
    text: string;
    ids: number[];
    /** Of the last twenty positions, or all. */
    topIds: number[][];
    topLogits: number[][];
    meanLoss: number;
    lastResidPre: Record<string, number[]>;
    greedy: number[];
  }[];
};

describe.skipIf(!enabled || smolLm2 === null)('SmolLM2-135M-Instruct, Q4_1', () => {
  let model: Model;
  beforeAll(async () => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(smolLm2!), hash);
    expect(hash.digest('hex'), `MONOSEMA_SMOLLM2_GGUF must be ${golden.file}`).toBe(golden.sha256);
    model = await loadModel(smolLm2!);
  });

  test('is what its metadata say', () => {
    expect(model.config).toMatchObject({ layers: 30, dModel: 576, heads: 9, keyValueHeads: 3, vocabularySize: 49_152 });
    expect(model.config).toMatchObject({ contextSize: 8192, epsilon: 1e-5, tied: true, bosToken: 1, eosToken: 2 });
    expect(model.record.licence).toBe('apache-2.0');
  });

  test.each(golden.cases)('"$text" has the ids of transformers', ({ text, ids }) => {
    expect(model.tokenizer.encode(text, { bos: false })).toEqual(ids);
    expect(model.tokenizer.decode(ids)).toBe(text);
  });

  test('logits, losses and residual streams are those of transformers', async () => {
    const difference = { logits: 0, loss: 0, residual: 0 };
    for (const { ids, topIds, topLogits, meanLoss, lastResidPre } of golden.cases) {
      const taps = Object.keys(lastResidPre).map((layer) => `blocks.${layer}.hook_resid_pre`);
      const outputs = ({ logits, ids }: { logits: op.Traced; ids: op.Traced }): { loss: op.Traced } => ({
        loss: op.mean(tokenLosses(logits, ids)),
      });
      const forward = await compileForward(engine, model, { length: ids.length, taps, logits: true, outputs });
      const got = await forward.run(Int32Array.from(ids));
      await forward.dispose();
      topIds.forEach((wanted, i) => {
        const position = ids.length - topIds.length + i;
        const row = (got.logits!.data as Float32Array).subarray(position * 49_152, (position + 1) * 49_152);
        const values = wanted.map((id) => row[id]!);
        difference.logits = Math.max(difference.logits, largestError(values, topLogits[i]!));
        expect(row.indexOf(Math.max(...row))).toBe(wanted[0]);
      });
      difference.loss = Math.max(difference.loss, Math.abs(got.loss!.data[0]! - meanLoss));
      for (const [layer, wanted] of Object.entries(lastResidPre)) {
        const data = got[`blocks.${layer}.hook_resid_pre`]!.data as Float32Array;
        const values = data.subarray(data.length - 576, data.length - 560);
        difference.residual = Math.max(difference.residual, largestError(values, wanted));
      }
    }
    console.info('SmolLM2-135M-Instruct Q4_1, largest differences from transformers in float64:', difference);
    expect(difference.logits).toBeLessThan(1e-4);
    expect(difference.loss).toBeLessThan(1e-4);
    expect(difference.residual).toBeLessThan(1e-4);
  }, 300_000);

  test('greedy text is that of transformers', async () => {
    const prompts = golden.cases.map(({ ids }) => ids);
    const { ids } = await generate(engine, model, { prompts, newTokens: 20, stopTokens: [] });
    expect(ids).toEqual(golden.cases.map(({ greedy }) => greedy));
  }, 300_000);
});

/** Mean loss of "Hello world!" behind BOS, as TransformerLens's own acceptance test has it (MIT). */
const published: [string, number][] = [
  ['openai-community/gpt2', 5.331855773925781],
  ['EleutherAI/pythia-70m', 4.659344673156738],
  ['EleutherAI/gpt-neo-125m', 4.900552272796631],
  ['roneneldan/TinyStories-33M', 12.203617095947266],
];
describe.skipIf(!enabled)('models in the local cache of the Hugging Face hub', () => {
  test.for(published)('%s has the published loss', { timeout: 300_000 }, async ([name, loss], { skip }) => {
    let model: Model;
    try {
      model = await loadModel(await openModelFolder(name, { hub: { offline: true } }));
    } catch (error) {
      if (error instanceof HubError) skip(error.message);
      throw error;
    }
    const ids = model.tokenizer.encode('Hello world!');
    const forward = await compileForward(engine, model, {
      length: ids.length,
      outputs: ({ logits, ids }) => ({ loss: op.mean(tokenLosses(logits, ids)) }),
    });
    const got = (await forward.run(Int32Array.from(ids))).loss!.data[0]!;
    await forward.dispose();
    expect(Math.abs(got - loss)).toBeLessThan(1e-4);
  });
});
