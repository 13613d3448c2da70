import { saeConfigSchema, type SaeConfig, type SaeConfigInput } from './config.ts';
import type { Sae, SaeParameters } from './sae.ts';
import { keyedRandom, normal } from './training/random.ts';

// Small SAEs for tests.

export function testConfig(overrides: Partial<SaeConfigInput> = {}): SaeConfig {
  const dIn = overrides.dIn ?? 6;
  return saeConfigSchema.parse({
    architecture: 'topk',
    dIn,
    dSae: 10,
    k: overrides.architecture === 'standard' ? undefined : 3,
    contract: {
      ...{ modelId: 'stories-260k', hookPoint: 'blocks.2.hook_resid_post', dIn },
      ...{ contextSize: 16, prependBos: true, excludedTokens: [1, 2] },
    },
    dataSetId: 'tinystories',
    sourceId: '2-res-tk',
    ...overrides,
  });
}

export function testSae(overrides: Partial<SaeConfigInput> = {}, seed = 1): Sae {
  const config = testConfig(overrides);
  return { config, parameters: testParameters(config, seed) };
}

/** Random parameters with unit decoder rows. */
export function testParameters({ dIn, dSae }: Pick<SaeConfig, 'dIn' | 'dSae'>, seed = 1): SaeParameters {
  const numbers = testNumbers(seed);
  const W_dec = numbers(dSae * dIn);
  for (let feature = 0; feature < dSae; feature++) {
    const row = W_dec.subarray(feature * dIn, (feature + 1) * dIn);
    const norm = Math.hypot(...row);
    row.forEach((value, d) => (row[d] = value / norm));
  }
  return { W_enc: numbers(dIn * dSae, dIn ** -0.5), b_enc: numbers(dSae, 0.1), W_dec, b_dec: numbers(dIn, 0.2) };
}

/** Normal numbers that depend on the seed only. */
export function testNumbers(seed: number): (length: number, scale?: number) => Float32Array {
  const random = keyedRandom(seed, 'test');
  return (length, scale = 1) => Float32Array.from({ length }, () => normal(random) * scale);
}
