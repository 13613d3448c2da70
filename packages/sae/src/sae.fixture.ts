import {
  outputWidth,
  saeConfigSchema,
  type ArchitectureName,
  type ConfigOf,
  type SaeConfig,
} from './config/sae-config.ts';
import { mapParameters, type Sae, type SaeParameters } from './sae.ts';
import { keyedRandom, normal } from './training/random.ts';

// Small SAEs for tests.

type Overrides = Record<string, unknown>;
const needs: Partial<Record<ArchitectureName, Overrides>> = {
  topk: { k: 3 },
  batchtopk: { k: 2.5 },
  matryoshka_batchtopk: { k: 2.5, widths: [3, 6, 10] },
};

/** A config of the given fields; what they leave open is of a TopK SAE, 6 to 10, k 3. */
export function testConfig<A extends ArchitectureName = 'topk'>(
  overrides: Overrides & { architecture?: A; dIn?: number } = {},
): ConfigOf<A> {
  const { architecture = 'topk', dIn = 6 } = overrides;
  return saeConfigSchema.parse({
    ...{ architecture, dIn, dSae: 10, ...needs[architecture] },
    ...(architecture.endsWith('transcoder') && { dOut: 4, hookPointOut: 'blocks.2.hook_mlp_out' }),
    contract: {
      ...{ modelId: 'stories-260k', hookPoint: 'blocks.2.hook_resid_post', dIn },
      ...{ contextSize: 16, prependBos: true, excludedTokens: [1, 2] },
    },
    ...{ dataSetId: 'tinystories', sourceId: '2-res-tk' },
    ...overrides,
  }) as ConfigOf<A>;
}

export function testSae<A extends ArchitectureName = 'topk'>(
  overrides: Overrides & { architecture?: A; dIn?: number } = {},
  seed = 1,
): Sae {
  const config = testConfig(overrides);
  return { config, parameters: testParameters(config, seed) };
}

/** Random parameters with unit decoder rows. */
export function testParameters(config: SaeConfig, seed = 1): SaeParameters {
  const numbers = testNumbers(seed);
  const width = outputWidth(config);
  return mapParameters(config, (name, shape) => {
    const values = numbers(
      shape.reduce((a, b) => a * b, 1),
      name === 'W_enc' ? config.dIn ** -0.5 : 0.2,
    );
    if (name.includes('threshold')) return values.map(Math.abs);
    return name === 'W_dec' ? unitRows(values, width) : values;
  });
}

function unitRows(values: Float32Array, width: number): Float32Array {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const norm = Math.hypot(...row);
    row.forEach((value, d) => (row[d] = value / norm));
  }
  return values;
}

/** Normal numbers that depend on the seed only. */
export function testNumbers(seed: number): (length: number, scale?: number) => Float32Array {
  const random = keyedRandom(seed, 'test');
  return (length, scale = 1) => Float32Array.from({ length }, () => normal(random) * scale);
}
