import * as op from '@monosema/engine';
import { evaluate, gradientsOf, openEngine, type Engine, type Program } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepBatchTopK } from '../architectures/batchtopk.ts';
import { loadSae, saveSae } from '../checkpoint/sae-files.ts';
import { lossRulesSchema } from '../config/loss-rules.ts';
import { optimiserRulesSchema } from '../config/optimiser-rules.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import { inputsOf, parameterArrays } from '../parameter-inputs.ts';
import type { Sae } from '../sae.ts';
import { testConfig, testNumbers, testParameters, testSae } from '../sae.fixture.ts';
import { trainedParameters } from '../training/program/adam.ts';
import { tracePass } from '../training/program/step-program.ts';
import { openProgramTrainer } from '../training/program-trainer.ts';
import { openSparseTrainer, type SparseConfig } from '../training/sparse-trainer.ts';
import { stepEstimated } from '../training/losses/straight-through.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: what training minimises.

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const [dIn, dSae, rows] = [6, 10, 9];
const x = testNumbers(21)(rows * dIn);

test.each(['float32', 'bfloat16'] as const)(
  '#494, #728: a threshold that was trained as a logarithm, or in bfloat16, stood still; ours moves by the learning rate a step (%s)',
  async (dtype) => {
    const config = testConfig({ architecture: 'jumprelu', dIn: 4, dSae: 4, dtype });
    const parameters = { ...testParameters(config), threshold: new Float32Array(4).fill(1.1) };
    const trainer = await openProgramTrainer({
      ...{ engine, config, parameters, batch: 64, optimiser: optimiserRulesSchema.parse({}) },
      rules: lossRulesSchema.parse({ jumpBandwidth: 2 }),
    });
    const batch = testNumbers(3)(64 * 4);
    const options = { learningRate: 7e-5, dead: new Uint8Array(4), coefficient: 10 };
    for (let step = 0; step < 200; step++) await trainer.step(batch, options);
    const trained = (await trainer.read()).parameters;
    await trainer.close();
    trained.threshold!.forEach((value) => {
      expect(value - 1.1).toBeGreaterThan(0.011);
      expect(value - 1.1).toBeLessThan(0.0145);
    });
    // A file of halves keeps the threshold whole, and says of the others that they are halves.
    const saved = loadSae(saveSae({ config, parameters: trained }));
    expect(saved.parameters.threshold).toEqual(trained.threshold);
    expect(Object.keys(saved.origin!.dtypes).sort()).toEqual(
      dtype === 'bfloat16' ? ['W_dec', 'W_enc', 'b_dec', 'b_enc'] : [],
    );
  },
);

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

/** The auxiliary loss of a TopK SAE whose latents are all dead, by hand: at most d_in / 2 latents, and no bias. */
function auxiliaryByHand({ config, parameters }: Sae): number {
  const { W_enc, W_dec, b_enc, b_dec } = parameters;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const z = Array.from({ length: dSae }, (_, f) => {
      let sum = b_enc![f]!;
      for (let d = 0; d < dIn; d++) sum += (x[row * dIn + d]! - b_dec[d]!) * W_enc[d * dSae + f]!;
      return sum;
    });
    const ranked = z.map((value, f) => ({ value, f })).sort((a, b) => b.value - a.value);
    const code = (best: typeof ranked, d: number, of: (value: number) => number): number =>
      best.reduce((sum, { value, f }) => sum + of(value) * W_dec[f * dIn + d]!, 0);
    const k = 'k' in config ? config.k : 0;
    for (let d = 0; d < dIn; d++) {
      const residual = x[row * dIn + d]! - code(ranked.slice(0, k), d, (value) => Math.max(0, value)) - b_dec[d]!;
      total += (code(ranked.slice(0, dIn / 2), d, (value) => value) - residual) ** 2;
    }
  }
  return total / rows;
}
const everyLatent = new Uint8Array(dSae).fill(1);

test('#644, sparsify #132: the auxiliary loss counted b_dec twice; with all latents dead it is the value by hand', async () => {
  const sae = testSae();
  expect(sae.parameters.b_dec.some((value) => Math.abs(value) > 0.1)).toBe(true);
  const { config, parameters } = sae as Sae & { config: SparseConfig };
  const by = { learningRate: 0, dead: everyLatent, coefficient: 0 };
  const rules = lossRulesSchema.parse({ auxCoefficient: 1 });
  const common = { config, rules, parameters, batch: rows, optimiser: optimiserRulesSchema.parse({}) };
  const kernels = await openSparseTrainer({ ...common, threads: 1 });
  const program = await openProgramTrainer({ ...common, engine });
  const wanted = auxiliaryByHand(sae);
  expect(wanted).toBeGreaterThan(0.1);
  for (const trainer of [kernels, program]) {
    expect((await trainer.step(x, by)).parts['auxiliary']! / wanted).toBeCloseTo(1, 5);
    await trainer.close();
  }
});

/** The gradients of one part of a loss, by parameter. */
function gradientsOfPart(sae: Sae, part: string, dead: Uint8Array): Record<string, Float64Array> {
  const traced = tracePass({ config: sae.config, rules: lossRulesSchema.parse({}), batch: rows });
  const { x: input, dead: mask, coefficient } = traced.inputs;
  const program: Program = {
    inputs: { x: input!, dead: mask!, coefficient: coefficient!, ...inputsOf(traced.parameters) },
    outputs: gradientsOf(traced.pass.losses[part]!, trainedParameters(traced.parameters)),
  };
  const out = evaluate(program, {
    x: { data: x, shape: [rows, dIn] },
    dead: { data: Float32Array.from(dead), shape: [dSae] },
    coefficient: { data: [0], shape: [] },
    ...parameterArrays(sae),
  });
  return Object.fromEntries(Object.entries(out).map(([name, { data }]) => [name, data]));
}

test('#432: the auxiliary loss took d_sae / 2 latents, and moved the living through the residual', () => {
  // How many are taken is in the value by hand above; here, no row of a living latent moves, though it is in the residual.
  const dead = Uint8Array.from({ length: dSae }, (_, f) => Number(f % 3 === 0));
  for (const architecture of ['topk', 'batchtopk', 'matryoshka_batchtopk'] as const) {
    const { W_dec } = gradientsOfPart(testSae({ architecture }), 'auxiliary', dead);
    const moved = Array.from({ length: dSae }, (_, f) => W_dec!.subarray(f * dIn, (f + 1) * dIn).some((g) => g !== 0));
    moved.forEach((moves, f) => expect(moves && !dead[f], `${architecture}: living latent ${f}`).toBe(false));
    expect(moved.some(Boolean)).toBe(true);
  }
});

test('#711: a loss depended on how many tokens a batch had; the same rows twice are the same loss', async () => {
  for (const architecture of ['standard', 'gated', 'topk', 'batchtopk', 'jumprelu'] as const) {
    const config: SaeConfig = testConfig({ architecture });
    const parameters = testParameters(config);
    const losses = async (data: Float32Array) => {
      const trainer = await openProgramTrainer({
        ...{ engine, config, parameters, batch: data.length / dIn },
        ...{ rules: lossRulesSchema.parse({}), optimiser: optimiserRulesSchema.parse({}) },
      });
      const { mse, parts } = await trainer.step(data, { learningRate: 0, dead: everyLatent, coefficient: 0.3 });
      await trainer.close();
      return { mse, ...parts };
    };
    // 8 rows, so that k * rows is whole and the batch of both is cut at the same value.
    const some = x.subarray(0, 8 * dIn);
    const [once, twice] = [await losses(some), await losses(Float32Array.from([...some, ...some]))];
    for (const [name, value] of Object.entries(once))
      expect(twice[name as 'mse'], `${architecture} ${name}`).toBeCloseTo(value, 4);
  }
});

test('#570, #547: the budget of BatchTopK is k times all rows of the batch, and k may be no whole number', () => {
  const ranked = op.input('ranked', [7, 10]);
  const kept = (k: number): number => {
    const data = Float32Array.from({ length: 70 }, (_, i) => ((i * 37) % 71) + 1);
    const out = evaluate(
      { inputs: { ranked }, outputs: { codes: keepBatchTopK(ranked, k) } },
      { ranked: { data, shape: [7, 10] } },
    );
    return out['codes']!.data.filter((value) => value > 0).length;
  };
  expect([2.5, 3, 0.5, 0.1].map(kept)).toEqual([17, 21, 3, 0]);
});

test('#727: widths of a Matryoshka SAE may not be empty, fall, or end short of d_sae', () => {
  const widths = (widths: number[]) => () => testConfig({ architecture: 'matryoshka_batchtopk', widths });
  expect(widths([])).toThrow(/widths/);
  expect(widths([6, 3, 10])).toThrow('widths must ascend, got 6, 3, 10');
  expect(widths([3, 6])).toThrow('the last width must be d_sae, which is 10, got 3, 6');
  expect(widths([3, 10])).not.toThrow();
});
