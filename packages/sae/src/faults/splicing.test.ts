import * as op from '@monosema/engine';
import { evaluate, openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeTraced, reconstructTraced, spliceTraced } from '../architectures/reconstruct.ts';
import { loadSae, saveSae } from '../checkpoint/sae-files.ts';
import { readSaelensConfig } from '../checkpoint/saelens-config.ts';
import { compileEncode } from '../encode.ts';
import { inputsOf, parameterArrays, parameterInputs } from '../parameter-inputs.ts';
import { parameter, type Sae } from '../sae.ts';
import { testNumbers, testSae } from '../sae.fixture.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: SAEs that stand in a model.

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const rows = 9;
const x = testNumbers(21)(rows * 6);
const given = op.input('x', [rows, 6]);

/** Outputs of a program over x, by the float64 reference. */
function outputsOf(
  sae: Sae,
  make: (p: ReturnType<typeof parameterInputs>) => Record<string, op.Traced>,
  values: Float32Array = x,
): Record<string, Float64Array> {
  const p = parameterInputs(sae.config);
  const feeds = { x: { data: values, shape: [rows, 6] }, ...parameterArrays(sae) };
  const out = evaluate({ inputs: { x: given, ...inputsOf(p) }, outputs: make(p) }, feeds);
  return Object.fromEntries(Object.entries(out).map(([name, { data }]) => [name, data]));
}

/** x with the SAE spliced in, with latent 2 ablated or not. */
function spliced(sae: Sae, ablate: boolean): Float64Array {
  const keep = op.constant(
    Float32Array.from({ length: 10 }, (_, f) => Number(f !== 2)),
    [10],
  );
  const edit = (codes: op.Traced): op.Traced => (ablate ? op.mul(codes, keep) : codes);
  return outputsOf(sae, (p) => ({ out: spliceTraced(sae.config, p, given, { edit, errorOf: given }) }))['out']!;
}

test('#326, #637: with its error added an SAE changes nothing, and ablating a latent takes away its row only', async () => {
  const sae = testSae({ architecture: 'gated' });
  spliced(sae, false).forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 6));
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  await encoder.dispose();
  const out = spliced(sae, true);
  for (let row = 0; row < rows; row++) {
    const pairs = [...codes.indices.subarray(codes.offsets[row], codes.offsets[row + 1])];
    const at = pairs.indexOf(2);
    const f = at < 0 ? 0 : codes.values[codes.offsets[row]! + at]!;
    for (let d = 0; d < 6; d++)
      expect(out[row * 6 + d]).toBeCloseTo(x[row * 6 + d]! - f * sae.parameters.W_dec[2 * 6 + d]!, 5);
  }
});

test('#231: whether the error is added is said where the SAE is spliced in, not in the SAE', () => {
  const sae = testSae({ architecture: 'standard' });
  const { plain, reconstruction } = outputsOf(sae, (p) => ({
    plain: spliceTraced(sae.config, p, given),
    reconstruction: reconstructTraced(sae.config, p, given),
  }));
  expect(plain).toEqual(reconstruction);
});

test('#322: codes of a gated SAE were looked at before the gate; an edit sees them after it', () => {
  const sae = testSae({ architecture: 'gated' });
  const seen: op.Traced[] = [];
  const look = (codes: op.Traced): op.Traced => (seen.push(codes), codes);
  const { codes, edited } = outputsOf(sae, (p) => {
    spliceTraced(sae.config, p, given, { edit: look });
    return { codes: encodeTraced(sae.config, p, given), edited: seen[0]! };
  });
  expect(edited).toEqual(codes);
  // Latents that are measured as positive, and shut all the same.
  const [b_mag, r_mag] = [parameter(sae, 'b_mag'), parameter(sae, 'r_mag')];
  const { W_enc, b_dec } = sae.parameters;
  let shut = 0;
  for (let i = 0; i < rows * 10; i++) {
    const [row, f] = [Math.floor(i / 10), i % 10];
    let z = 0;
    for (let d = 0; d < 6; d++) z += (x[row * 6 + d]! - b_dec[d]!) * W_enc[d * 10 + f]!;
    if (z * Math.exp(r_mag[f]!) + b_mag[f]! > 0 && edited![i] === 0) shut += 1;
  }
  expect(shut).toBeGreaterThan(0);
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
  const out = (values: Float32Array): Float64Array =>
    outputsOf(sae, (p) => ({ out: reconstructTraced(sae.config, p, given) }), values)['out']!;
  const plain = out(x);
  out(x.map((value) => value + 3)).forEach((value, i) => expect(value).toBeCloseTo(plain[i]! + 3, 5));
  expect(loadSae(saveSae(sae)).config.centred).toBe(true);
});
