import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decode } from './decode.ts';
import { compileEncode } from './encode.ts';
import { parameter, type Sae } from './sae.ts';
import { testNumbers, testSae } from './sae.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** Codes of one row of a TopK or standard SAE, straight from the definition, in float64. */
function codesOf(sae: Sae, x: Float32Array): Map<number, number> {
  const { dIn, dSae, subtractDecoderBias } = sae.config;
  const [W_enc, b_enc, b_dec] = [parameter(sae, 'W_enc'), parameter(sae, 'b_enc'), parameter(sae, 'b_dec')];
  const z = Array.from({ length: dSae }, (_, f) => {
    let sum = b_enc[f]!;
    for (let d = 0; d < dIn; d++) sum += (x[d]! - (subtractDecoderBias ? b_dec[d]! : 0)) * W_enc[d * dSae + f]!;
    return sum;
  });
  const k = 'k' in sae.config ? sae.config.k : dSae;
  const order = [...z.keys()].sort((a, b) => z[b]! - z[a]!).slice(0, k);
  return new Map(
    order
      .filter((f) => z[f]! > 0)
      .sort((a, b) => a - b)
      .map((f) => [f, z[f]!]),
  );
}

const cases: [string, Sae][] = [
  ['topk 6 to 10, k 3', testSae()],
  ['standard 7 to 13', testSae({ architecture: 'standard', dIn: 7, dSae: 13 }, 2)],
  ['topk, all of them, b_dec not subtracted', testSae({ k: 10, subtractDecoderBias: false }, 3)],
  ['topk 1 to 4, k 1', testSae({ k: 1, dIn: 1, dSae: 4 }, 4)],
];
test.each(cases)('codes are those of the definition: %s', async (_, sae) => {
  const rows = 11;
  const x = testNumbers(9)(rows * sae.config.dIn);
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  expect(codes.rows).toBe(rows);
  for (let row = 0; row < rows; row++) {
    const expected = codesOf(sae, x.subarray(row * sae.config.dIn, (row + 1) * sae.config.dIn));
    const [start, end] = [codes.offsets[row]!, codes.offsets[row + 1]!];
    expect([...codes.indices.subarray(start, end)]).toEqual([...expected.keys()]);
    [...expected.values()].forEach((value, i) => expect(codes.values[start + i]).toBeCloseTo(value, 5));
  }
  expect((await encoder.encode(new Float32Array(0))).rows).toBe(0);
  await encoder.dispose();
});

test('all-negative pre-activations give no pair, and the reconstruction is b_dec', async () => {
  const sae = testSae();
  parameter(sae, 'b_enc').fill(-100);
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(testNumbers(1)(2 * 6));
  expect(codes.indices).toHaveLength(0);
  expect(decode(sae, codes)).toEqual(Float32Array.of(...sae.parameters.b_dec, ...sae.parameters.b_dec));
  await expect(encoder.encode(new Float32Array(7))).rejects.toThrow('x has 7 values, but d_in is 6');
  await encoder.dispose();
});

test('decode adds the decoder rows of a code, and b_dec', () => {
  const sae = testSae();
  const codes = {
    rows: 2,
    offsets: Int32Array.of(0, 1, 3),
    indices: Int32Array.of(4, 0, 9),
    values: Float32Array.of(2, 1, 0.5),
  };
  const { W_dec, b_dec } = sae.parameters;
  const out = decode(sae, codes);
  for (let d = 0; d < 6; d++) {
    expect(out[d]).toBeCloseTo(b_dec[d]! + 2 * W_dec[4 * 6 + d]!, 6);
    expect(out[6 + d]).toBeCloseTo(b_dec[d]! + W_dec[d]! + 0.5 * W_dec[9 * 6 + d]!, 6);
  }
  expect(() => decode(sae, { ...codes, indices: Int32Array.of(4, 10, 9) })).toThrow('feature 10 is outside 0 to 9');
});
