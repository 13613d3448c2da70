import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { foldDecoderNorms } from '../architectures/fold-decoder-norms.ts';
import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { lossRulesSchema } from '../config/loss-rules.ts';
import { optimiserRulesSchema } from '../config/optimiser-rules.ts';
import { decode } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { parameter, type Sae } from '../sae.ts';
import { testNumbers, testSae } from '../sae.fixture.ts';
import { openProgramTrainer } from '../training/program-trainer.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: norms and scales that are moved into weights.

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

test.each([true, false])(
  '#354, #212: folding the scale of inputs forgot b_dec, and the decoder before that; b_dec subtracted: %s',
  async (subtractDecoderBias) => {
    const scale = 2.75;
    const sae = testSae({ architecture: 'jumprelu', subtractDecoderBias, normalisation: 'expected_average_only_in' });
    expect(sae.parameters.b_dec.some((value) => Math.abs(value) > 0.1)).toBe(true);
    const codes = await encoded(
      sae,
      x.map((value) => value * scale),
    );
    const folded = foldInputScale(sae, scale);
    const after = await encoded(folded);
    expect(after.indices).toEqual(codes.indices);
    after.values.forEach((value, i) => expect(value).toBeCloseTo(codes.values[i]!, 4));
    const wanted = decode(sae, codes).map((value) => value / scale);
    decode(folded, after).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 4));
  },
);

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
