import * as op from '@monosema/engine';
import { evaluate, openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { foldDecoderNorms } from './architectures/fold-decoder-norms.ts';
import { reconstructTraced, spliceTraced } from './architectures/reconstruct.ts';
import { loadSae, saveSae } from './checkpoint/sae-files.ts';
import { readSaelensConfig } from './checkpoint/saelens-config.ts';
import { lossRulesSchema } from './config/loss-rules.ts';
import { optimiserRulesSchema } from './config/optimiser-rules.ts';
import { saeConfigSchema } from './config/sae-config.ts';
import { decode } from './decode.ts';
import { compileEncode } from './encode.ts';
import { inputsOf, parameterArrays, parameterInputs } from './parameter-inputs.ts';
import { parameter, type Sae } from './sae.ts';
import { testConfig, testNumbers, testParameters, testSae } from './sae.fixture.ts';
import { stepEstimated } from './training/losses/straight-through.ts';
import { meanNorm } from './training/input-statistics.ts';
import { openProgramTrainer } from './training/program-trainer.ts';

// Faults that other programs had (issues of SAELens unless another is named). Each test bears the fault's name.

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const rows = 9;
const x = testNumbers(21)(rows * 6);
async function encoded(sae: Sae, of = x) {
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(of);
  await encoder.dispose();
  return codes;
}
/** The same SAE with decoder rows of all lengths, and no bias at 0. */
function uneven(sae: Sae): Sae {
  const width = sae.parameters.W_dec.length / sae.config.dSae;
  const W_dec = sae.parameters.W_dec.map((value, i) => value * (0.3 + (Math.floor(i / width) % 5)));
  return { ...sae, parameters: { ...sae.parameters, W_dec } };
}
async function expectSameAfterFold(sae: Sae): Promise<void> {
  const folded = foldDecoderNorms(sae);
  const [before, after] = [await encoded(sae), await encoded(folded)];
  expect(after.indices).toEqual(before.indices);
  const [was, is] = [decode(sae, before), decode(folded, after)];
  was.forEach((value, i) => expect(is[i]).toBeCloseTo(value, 4));
  for (let f = 0; f < 10; f++)
    expect(Math.hypot(...folded.parameters.W_dec.subarray(f * 6, f * 6 + 6))).toBeCloseTo(1, 5);
}

test('#404: folding decoder norms forgot the thresholds of JumpReLU', () =>
  expectSameAfterFold(uneven(testSae({ architecture: 'jumprelu' }))));

test('SAELens 5: folding multiplied the r_mag of gated SAEs, which is a logarithm', async () => {
  const sae = uneven(testSae({ architecture: 'gated' }));
  expect(parameter(sae, 'r_mag').some((value) => Math.abs(value) > 0.1)).toBe(true);
  await expectSameAfterFold(sae);
});

test('#588: a decoder row of zeros became NaN when norms were folded, and in training', async () => {
  const sae = testSae({ architecture: 'standard' });
  sae.parameters.W_dec.fill(0, 0, 6);
  const folded = foldDecoderNorms(sae);
  for (const values of Object.values(folded.parameters))
    expect((values as Float32Array).every(Number.isFinite)).toBe(true);
  const trainer = await openProgramTrainer({
    ...{ engine, config: sae.config, parameters: sae.parameters, batch: rows },
    ...{ rules: lossRulesSchema.parse({}), optimiser: optimiserRulesSchema.parse({ decoderRows: 'unit' }) },
  });
  const { mse } = await trainer.step(x, { learningRate: 0.01, dead: new Uint8Array(10), coefficient: 0.1 });
  const { parameters } = await trainer.read();
  await trainer.close();
  expect(mse).toBeGreaterThan(0);
  expect(parameters.W_dec.every(Number.isFinite)).toBe(true);
});

test('TopK that ranks plain pre-activations refuses to fold, for other latents would win', () => {
  expect(() => foldDecoderNorms(testSae())).toThrow("can't be folded");
});

test('#494: a trained log threshold hardly moved; ours moves by the learning rate a step', async () => {
  const config = testConfig({ architecture: 'jumprelu', dIn: 4, dSae: 4 });
  const parameters = { ...testParameters(config), threshold: new Float32Array(4).fill(1.1) };
  const trainer = await openProgramTrainer({
    ...{ engine, config, parameters, batch: 64, optimiser: optimiserRulesSchema.parse({}) },
    rules: lossRulesSchema.parse({ jumpBandwidth: 2 }),
  });
  const batch = testNumbers(3)(64 * 4);
  const options = { learningRate: 7e-5, dead: new Uint8Array(4), coefficient: 10 };
  for (let step = 0; step < 200; step++) await trainer.step(batch, options);
  const { threshold } = (await trainer.read()).parameters;
  await trainer.close();
  threshold!.forEach((value) => {
    expect(value - 1.1).toBeGreaterThan(0.011);
    expect(value - 1.1).toBeLessThan(0.0145);
  });
});

test('dictionary_learning #55: the step took gated values; its estimate is the slope of the step smoothed by its kernel', () => {
  const [z, threshold, bandwidth] = [0.62, 0.5, 0.5];
  const given = op.input('z', [1, 1]);
  const at = op.input('threshold', [1]);
  const step = op.sum(stepEstimated(given, at, { bandwidth, reachesInput: true }));
  const [dz, dThreshold] = op.gradients(step, [given, at]);
  const feeds = { z: { data: [z], shape: [1, 1] }, threshold: { data: [threshold], shape: [1] } };
  const out = evaluate({ inputs: { z: given, threshold: at }, outputs: { dz: dz!, dThreshold: dThreshold! } }, feeds);
  const smoothed = (by: number): number => Math.min(1, Math.max(0, (z - by) / bandwidth + 0.5));
  const slope = (smoothed(threshold + 1e-4) - smoothed(threshold - 1e-4)) / 2e-4;
  expect(out['dThreshold']!.data[0]).toBeCloseTo(slope, 6);
  expect(out['dz']!.data[0]).toBeCloseTo(-slope, 6);
});

test('#467: the norm was estimated from the first token of each batch; all rows count', () => {
  const parts = [
    { rows: 2, data: Float32Array.of(3, 4, 0, 0) },
    { rows: 1, data: Float32Array.of(0, 1) },
  ];
  expect(meanNorm(parts, 2)).toBeCloseTo((5 + 0 + 1) / 3, 9);
});

test('#592: a threshold in the file was dropped silently; tensors that an architecture lacks are errors', () => {
  const files = saveSae(testSae({ architecture: 'jumprelu' }));
  const config = JSON.parse(new TextDecoder().decode(files['cfg.json'])) as Record<string, unknown>;
  const asStandard = new TextEncoder().encode(JSON.stringify({ ...config, architecture: 'standard' }));
  expect(() => loadSae({ ...files, 'cfg.json': asStandard })).toThrow(
    'unknown tensor threshold; a standard SAE has W_enc',
  );
});

test('#554: TopK SAEs of old files, which call themselves standard, were read as ReLU', () => {
  const old = {
    d_in: 4,
    d_sae: 8,
    architecture: 'standard',
    activation_fn_str: 'topk',
    activation_fn_kwargs: { k: 3 },
  };
  expect(readSaelensConfig(JSON.stringify(old)).config).toMatchObject({ architecture: 'topk', k: 3 });
  const without = JSON.stringify({ ...old, activation_fn_kwargs: {} });
  expect(() => readSaelensConfig(without)).toThrow('k: k is needed for a TopK SAE');
});

test('#516: b_dec was subtracted from inputs of transcoders', () => {
  expect(testConfig({ architecture: 'transcoder' }).subtractDecoderBias).toBe(false);
  const config = testConfig({ architecture: 'transcoder' });
  expect(saeConfigSchema.safeParse({ ...config, subtractDecoderBias: true }).success).toBe(false);
});

test('#727: widths of a Matryoshka SAE may not be empty, fall, or end short of d_sae', () => {
  const widths = (widths: number[]) => () => testConfig({ architecture: 'matryoshka_batchtopk', widths });
  expect(widths([])).toThrow(/widths/);
  expect(widths([6, 3, 10])).toThrow('widths must ascend, got 6, 3, 10');
  expect(widths([3, 6])).toThrow('the last width must be d_sae, which is 10, got 3, 6');
  expect(widths([3, 10])).not.toThrow();
});

/** x with the SAE spliced in, with latent 2 ablated or not. */
function spliced(sae: Sae, ablate: boolean): Float64Array {
  const p = parameterInputs(sae.config);
  const given = op.input('x', [rows, 6]);
  const keep = op.constant(
    Float32Array.from({ length: 10 }, (_, f) => Number(f !== 2)),
    [10],
  );
  const edit = (codes: op.Traced): op.Traced => (ablate ? op.mul(codes, keep) : codes);
  const outputs = { out: spliceTraced(sae.config, p, given, { edit, errorOf: given }) };
  const feeds = { x: { data: x, shape: [rows, 6] }, ...parameterArrays(sae) };
  return evaluate({ inputs: { x: given, ...inputsOf(p) }, outputs }, feeds)['out']!.data;
}
test('#326, #637: with its error added an SAE changes nothing, and ablating a latent takes away its row only', async () => {
  const sae = testSae({ architecture: 'gated' });
  spliced(sae, false).forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 6));
  const codes = await encoded(sae);
  const out = spliced(sae, true);
  for (let row = 0; row < rows; row++) {
    const pairs = [...codes.indices.subarray(codes.offsets[row], codes.offsets[row + 1])];
    const at = pairs.indexOf(2);
    const f = at < 0 ? 0 : codes.values[codes.offsets[row]! + at]!;
    for (let d = 0; d < 6; d++)
      expect(out[row * 6 + d]).toBeCloseTo(x[row * 6 + d]! - f * sae.parameters.W_dec[2 * 6 + d]!, 5);
  }
});

test('#279: an SAE of a centred model reads x - mean(x), and gives the mean back', () => {
  const read = (hook: string) =>
    readSaelensConfig(
      JSON.stringify({
        ...{ d_in: 6, d_sae: 10, hook_name: hook, model_name: 'gpt2-small' },
        model_from_pretrained_kwargs: { center_writing_weights: true },
      }),
    ).config;
  expect(read('blocks.8.hook_resid_pre').centred).toBe(true);
  expect(read('blocks.8.mlp.hook_post').centred).toBe(false);
  const sae = testSae({ architecture: 'standard', centred: true });
  const p = parameterInputs(sae.config);
  const given = op.input('x', [rows, 6]);
  const out = (values: Float32Array): Float64Array =>
    evaluate(
      { inputs: { x: given, ...inputsOf(p) }, outputs: { out: reconstructTraced(sae.config, p, given) } },
      { x: { data: values, shape: [rows, 6] }, ...parameterArrays(sae) },
    )['out']!.data;
  const plain = out(x);
  out(x.map((value) => value + 3)).forEach((value, i) => expect(value).toBeCloseTo(plain[i]! + 3, 5));
  expect(loadSae(saveSae(sae)).config.centred).toBe(true);
});
