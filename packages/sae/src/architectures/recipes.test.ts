import { evaluate, input } from '@monosema/engine';
import { describe, expect, test } from 'vitest';
import { decode } from '../decode.ts';
import { lossRulesSchema, type LossRulesInput } from '../config/loss-rules.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import { inputsOf, parameterArrays } from '../parameter-inputs.ts';
import { mapParameters, type Sae, type SaeParameters } from '../sae.ts';
import { testConfig } from '../sae.fixture.ts';
import { sparseFromDense } from '../sparse-rows.ts';
import { parameterInputs } from '../parameter-inputs.ts';
import { trainedParameters } from '../training/program/adam.ts';
import { tracePass } from '../training/program/step-program.ts';
import { encodeTraced, reconstructTraced } from './reconstruct.ts';
import { inferenceSae } from './inference-sae.ts';
import { foldInputScale } from './fold-input-scale.ts';
import { gradientsOf } from '@monosema/engine';

// Golden recipes of the SAE reference, d_in 4, d_sae 6, 5 tokens: eighths, so that float32 is exact, and the expected
// side written out in plain loops from the formulas.

const [dIn, dSae, rows] = [4, 6, 5];
/** Eighths between -1 and 1, the same for every seed. */
function eighths(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return ((state >> 8) % 9) / 8 - (((state >> 16) % 9) / 8) * ((state >> 12) % 2);
  });
}
const x = eighths(rows * dIn, 7);
const parametersOf = (config: SaeConfig, own: Partial<SaeParameters> = {}): SaeParameters =>
  mapParameters(
    config,
    (name, shape) =>
      own[name] ??
      eighths(
        shape.reduce((a, b) => a * b, 1),
        name.length * 31 + 5,
      ),
  );
const saeOf = (overrides: Parameters<typeof testConfig>[0], own: Partial<SaeParameters> = {}): Sae => {
  const config = testConfig({ dIn, dSae, ...overrides }) as SaeConfig;
  return { config, parameters: parametersOf(config, own) };
};
/** Codes and reconstructions of x by the float64 reference. */
function run(sae: Sae, of = x): { codes: Float64Array; out: Float64Array } {
  const p = parameterInputs(sae.config);
  const shape = [of.length / dIn, dIn];
  const traced = input('x', shape);
  const outputs = { codes: encodeTraced(sae.config, p, traced), out: reconstructTraced(sae.config, p, traced) };
  const result = evaluate(
    { inputs: { x: traced, ...inputsOf(p) }, outputs },
    { x: { data: of, shape }, ...parameterArrays(sae) },
  );
  return { codes: result['codes']!.data, out: result['out']!.data };
}
/** z of a row, from the formula. */
const z = ({ parameters: p }: Sae, row: number, latent: number, subtract = true, bias = p.b_enc!): number => {
  let sum = bias[latent]!;
  for (let d = 0; d < dIn; d++) sum += (x[row * dIn + d]! - (subtract ? p.b_dec[d]! : 0)) * p.W_enc[d * dSae + latent]!;
  return sum;
};
const near = (actual: ArrayLike<number>, wanted: ArrayLike<number>, digits = 9): void => {
  expect(actual.length).toBe(wanted.length);
  Array.from(wanted).forEach((value, i) => expect(actual[i], String(i)).toBeCloseTo(value, digits));
};
const each = (make: (row: number, latent: number) => number): number[] =>
  Array.from({ length: rows * dSae }, (_, i) => make(Math.floor(i / dSae), i % dSae));

test.each([true, false])(
  '1. standard, b_dec subtracted: %s; b_dec is added in decode in both cases',
  (subtractDecoderBias) => {
    const sae = saeOf({ architecture: 'standard', subtractDecoderBias });
    const { codes, out } = run(sae);
    near(
      codes,
      each((row, latent) => Math.max(0, z(sae, row, latent, subtractDecoderBias))),
    );
    const { W_dec, b_dec } = sae.parameters;
    near(
      out,
      Array.from({ length: rows * dIn }, (_, i) => {
        let sum = b_dec[i % dIn]!;
        for (let f = 0; f < dSae; f++) sum += codes[Math.floor(i / dIn) * dSae + f]! * W_dec[f * dIn + (i % dIn)]!;
        return sum;
      }),
    );
    near(decode(sae, sparseFromDense(codes, rows, dSae)), out, 5);
  },
);

describe('2. topk', () => {
  test('k 2 with ties keeps two, with all-negative pre-activations none', () => {
    const tied = saeOf({ k: 2 }, { W_enc: new Float32Array(dIn * dSae), b_enc: new Float32Array(dSae).fill(0.5) });
    const { codes } = run(tied);
    for (let row = 0; row < rows; row++)
      expect([...codes.subarray(row * dSae, (row + 1) * dSae)].filter((value) => value === 0.5)).toHaveLength(2);
    const negative = saeOf({ k: 2 }, { b_enc: new Float32Array(dSae).fill(-100) });
    expect([...run(negative).codes].every((value) => value === 0)).toBe(true);
  });
  test('fewer than k where only one is positive, and no negative value', () => {
    const one = saeOf({ k: 3 }, { b_enc: Float32Array.of(-100, -100, 50, -100, -100, -100) });
    near(
      run(one).codes,
      each((row, latent) => (latent === 2 ? z(one, row, 2) : 0)),
    );
  });
});

test('3. topk rescaled by decoder norm is saved with unit rows and reconstructs the same without rescaling', () => {
  const trained = saeOf({ k: 2, rescaleByDecoderNorm: true });
  const saved = inferenceSae(trained);
  expect(saved.config).toMatchObject({ rescaleByDecoderNorm: false });
  for (let f = 0; f < dSae; f++)
    expect(Math.hypot(...saved.parameters.W_dec.subarray(f * dIn, f * dIn + dIn))).toBeCloseTo(1, 6);
  near(run(saved).out, run(trained).out, 5);
  near(run(saved).codes, run(trained).codes, 5);
});

test('4. batchtopk keeps exactly floor(k rows) entries of the batch, and a token may have none', () => {
  const config = testConfig({ architecture: 'batchtopk', dIn, dSae, k: 1.5 });
  const { pass, inputs, parameters } = tracePass({ config, rules: lossRulesSchema.parse({}), batch: 4 });
  const quiet = x.slice(0, 16).map((value, i) => (i < 4 ? 0 : 4 * value));
  const own = parametersOf(config, { b_dec: new Float32Array(dIn), b_enc: new Float32Array(dSae).fill(0.01) });
  const { target, ...fed } = inputs;
  expect(target).toBe(inputs.x);
  const { codes } = evaluate(
    { inputs: { ...fed, ...inputsOf(parameters) }, outputs: { codes: pass.codes } },
    {
      x: { data: quiet, shape: [4, dIn] },
      dead: { data: new Float32Array(dSae), shape: [dSae] },
      coefficient: { data: [0], shape: [] },
      ...parameterArrays({ config, parameters: own }),
    },
  );
  expect(codes!.data.filter((value) => value > 0)).toHaveLength(6);
  expect(codes!.data.subarray(0, dSae).every((value) => value === 0)).toBe(true);
});

test('5. jumprelu: z equal to its threshold is inactive; a negative threshold is like 0', () => {
  const b_enc = Float32Array.of(0.5, 0.5, 0.5, -0.25, 0.25, 0);
  const threshold = Float32Array.of(0.5, 0.375, 0.625, -1, -1, 0);
  const sae = saeOf({ architecture: 'jumprelu' }, { W_enc: new Float32Array(dIn * dSae), b_enc, threshold });
  near(
    run(sae).codes,
    each((_, latent) => [0, 0.5, 0, 0, 0.25, 0][latent]!),
  );
});

test('6. gated: a gate of exactly 0 is shut; r_mag ln 2 doubles the magnitude path only', () => {
  const still = { W_enc: new Float32Array(dIn * dSae), b_mag: new Float32Array(dSae).fill(1) };
  const shut = saeOf({ architecture: 'gated' }, { ...still, b_gate: Float32Array.of(0, 1, -1, 0, 0.5, 0) });
  near(
    run(shut).codes,
    each((_, latent) => [0, 1, 0, 0, 1, 0][latent]!),
  );
  const none = new Float32Array(dSae);
  const plain = saeOf({ architecture: 'gated' }, { r_mag: none, b_mag: none, b_gate: none });
  const doubled = saeOf({ architecture: 'gated' }, { r_mag: none.map(() => Math.LN2), b_mag: none, b_gate: none });
  near(
    run(doubled).codes,
    run(plain).codes.map((value) => 2 * value),
    6,
  );
});

test('7. layer_norm: n - 1 in the deviation, 1e-5 added to it, and a constant input becomes 0 and comes back as its mean', () => {
  const still = { W_enc: new Float32Array(dIn * dSae), b_enc: new Float32Array(dSae), b_dec: new Float32Array(dIn) };
  const sae = saeOf({ architecture: 'standard', normalisation: 'layer_norm' }, still);
  near(run(sae, new Float32Array(dIn).fill(0.75)).out, [0.75, 0.75, 0.75, 0.75]);
  // One latent that passes the first coordinate on.
  const W_enc = new Float32Array(dIn * dSae);
  W_enc[0] = 1;
  const reading = saeOf({ architecture: 'standard', normalisation: 'layer_norm' }, { ...still, W_enc });
  const row = Float32Array.of(4, 1, 0, -1);
  const deviation = Math.sqrt(((4 - 1) ** 2 + 0 + 1 + 4) / 3);
  near(run(reading, row).codes.subarray(0, 1), [3 / (deviation + 1e-5)]);
  const codes = sparseFromDense(run(reading, row).codes, 1, dSae);
  near(decode(reading, codes, row), run(reading, row).out, 5);
});

test('8. constant_norm_rescale: an input of zeros gives zeros, not NaN', () => {
  const sae = saeOf({ architecture: 'standard', normalisation: 'constant_norm_rescale', subtractDecoderBias: false });
  const { out, codes } = run(sae, new Float32Array(dIn));
  near(out, [0, 0, 0, 0]);
  near(decode(sae, sparseFromDense(codes, 1, dSae), new Float32Array(dIn)), [0, 0, 0, 0]);
  const long = run(
    sae,
    x.map((value) => 8 * value),
  ).out;
  near(
    long,
    run(sae).out.map((value) => 8 * value),
    6,
  );
});

test.each([true, false])(
  '9. an input scale, folded: SAE(s x) / s is the folded SAE(x); b_dec subtracted: %s',
  (subtractDecoderBias) => {
    const s = Math.sqrt(dIn) / 1.25;
    for (const architecture of ['standard', 'gated', 'jumprelu', 'topk', 'batchtopk'] as const) {
      const sae = saeOf({ architecture, subtractDecoderBias, normalisation: 'expected_average_only_in' });
      const scaled = run(
        sae,
        x.map((value) => value * s),
      );
      const folded = run(foldInputScale(sae, s));
      near(
        folded.out,
        scaled.out.map((value) => value / s),
        5,
      );
      near(folded.codes, scaled.codes, 5);
    }
  },
);

test('10. hook_z: heads are the same numbers in the same order, and decode needs no encode before it', () => {
  const sae = saeOf({ architecture: 'standard', reshape: 'hook_z' });
  const codes = {
    rows: 6,
    offsets: Int32Array.of(0, 1, 1, 1, 1, 1, 2),
    indices: Int32Array.of(2, 5),
    values: Float32Array.of(1, 2),
  };
  const out = decode(sae, codes); // [2, 3, heads 2, width 2]
  const { W_dec, b_dec } = sae.parameters;
  near(
    out.subarray(0, 4),
    [0, 1, 2, 3].map((d) => b_dec[d]! + W_dec[2 * dIn + d]!),
    6,
  );
  near(
    out.subarray(20),
    [0, 1, 2, 3].map((d) => b_dec[d]! + 2 * W_dec[5 * dIn + d]!),
    6,
  );
});

test('11. a transcoder has a width of its own; a skip one adds W_skip x, W_skip [d_out, d_in]', () => {
  const plain = saeOf({ architecture: 'transcoder', dOut: 3 });
  const skip = saeOf({ architecture: 'skip_transcoder', dOut: 3 });
  const W_skip = skip.parameters.W_skip!;
  const added = run(skip).out.map((value, i) => value - run(plain).out[i]!);
  near(
    added,
    Array.from({ length: rows * 3 }, (_, i) => {
      let sum = 0;
      for (let d = 0; d < dIn; d++) sum += W_skip[(i % 3) * dIn + d]! * x[Math.floor(i / 3) * dIn + d]!;
      return sum;
    }),
  );
  near(
    run(plain).codes,
    each((row, latent) => Math.max(0, z(plain, row, latent, false))),
  );
  near(decode(skip, sparseFromDense(run(skip).codes, rows, dSae), x), run(skip).out, 5);
});

/** Losses and gradients of one pass over x. */
function pass(sae: Sae, dead: readonly number[], rules: LossRulesInput = {}) {
  const { config } = sae;
  const traced = tracePass({ config, rules: lossRulesSchema.parse(rules), batch: rows });
  const { target, ...fed } = traced.inputs;
  expect(target).toBe(fed.x);
  const mask = Float32Array.from({ length: dSae }, (_, latent) => Number(dead.includes(latent)));
  const named = Object.entries(traced.pass.losses).map(([name, value]) => [`loss.${name}`, value] as const);
  const result = evaluate(
    {
      inputs: { ...fed, ...inputsOf(traced.parameters) },
      outputs: { ...Object.fromEntries(named), ...gradientsOf(traced.loss, trainedParameters(traced.parameters)) },
    },
    {
      x: { data: x, shape: [rows, dIn] },
      dead: { data: mask, shape: [dSae] },
      coefficient: { data: [0], shape: [] },
      ...parameterArrays(sae),
    },
  );
  return (name: string): Float64Array => result[name]!.data;
}

test.each([
  [[1, 4], 2, 1],
  [[1], 1, 0.5],
])('12. aux-k of dead %j, d_in 4: k_aux %i, scale %f', (dead, kAux, scale) => {
  const sae = saeOf({ k: 2 });
  const { W_dec } = sae.parameters;
  const { out } = run(sae);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const best = dead
      .map((latent) => ({ latent, value: z(sae, row, latent) }))
      .sort((a, b) => b.value - a.value)
      .slice(0, kAux);
    for (let d = 0; d < dIn; d++) {
      const guess = best.reduce((sum, { latent, value }) => sum + value * W_dec[latent * dIn + d]!, 0);
      total += (guess - (x[row * dIn + d]! - out[row * dIn + d]!)) ** 2;
    }
  }
  near(pass(sae, dead)('loss.auxiliary'), [(scale * total) / rows]);
});

test('13. ghost gradients: the detached rescalings, and a gradient for the encoder of the dead only', () => {
  const sae = saeOf({ architecture: 'standard' });
  const dead = [1, 4];
  const { W_dec } = sae.parameters;
  const { out } = run(sae);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const residual = Array.from({ length: dIn }, (_, d) => x[row * dIn + d]! - out[row * dIn + d]!);
    const ghost = residual.map((_, d) =>
      dead.reduce((sum, f) => sum + Math.exp(z(sae, row, f)) * W_dec[f * dIn + d]!, 0),
    );
    const factor = Math.hypot(...residual) / (1e-6 + 2 * Math.hypot(...ghost));
    residual.forEach((value, d) => {
      const error = (ghost[d]! * factor - value) ** 2;
      total += (value ** 2 / (error + 1e-6)) * error;
    });
  }
  const withGhosts = pass(sae, dead, { ghostGradients: true });
  near(withGhosts('loss.ghost'), [total / (rows * dIn)], 6);
  const without = pass(sae, dead);
  const extra = withGhosts('W_enc').map((value, i) => value - without('W_enc')[i]!);
  for (let f = 0; f < dSae; f++) {
    const column = Array.from({ length: dIn }, (_, d) => Math.abs(extra[d * dSae + f]!));
    if (dead.includes(f)) expect(Math.max(...column)).toBeGreaterThan(1e-6);
    else expect(Math.max(...column)).toBeLessThan(1e-12);
  }
  near(pass(sae, [], { ghostGradients: true })('loss.ghost'), [0]);
});

test('an error says which input a decode needs', () => {
  const codes = { rows: 1, offsets: Int32Array.of(0, 0), indices: new Int32Array(0), values: new Float32Array(0) };
  expect(() => decode(saeOf({ architecture: 'standard', normalisation: 'layer_norm' }), codes)).toThrow(
    'a layer_norm SAE decodes with its input: x [1, 4] is missing',
  );
  expect(() => decode(saeOf({}), codes, new Float32Array(3))).toThrow('x has 3 values, but 1 rows of d_in 4');
});
