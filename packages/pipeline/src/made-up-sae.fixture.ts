import { saeConfigSchema, type Sae } from '@monosema/sae';

const [dSae, dModel] = [64, 64];

/** The linear congruential generator of golden.py; its products pass 2^53, so in BigInt. */
export function linearCongruential(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(state >> 8n);
  };
}

/** A TopK SAE for stories-260k, d_sae 64, k 4, whose decoder rows are no unit vectors. */
export function madeUpSae(next: () => number, contextSize: number): Sae {
  const W_dec = Float32Array.from({ length: dSae * dModel }, () =>
    Math.fround(Math.fround((next() % 2001) - 1000) / 1000),
  );
  const W_enc = Float32Array.from(
    { length: dSae * dModel },
    (_, i) => W_dec[(i % dSae) * dModel + Math.floor(i / dSae)]!,
  );
  const contract = {
    modelId: 'stories-260k',
    hookPoint: 'blocks.2.hook_resid_post',
    dIn: dModel,
    contextSize,
    prependBos: true,
    excludedTokens: [1],
  };
  return {
    config: saeConfigSchema.parse({ architecture: 'topk', dIn: dModel, dSae, k: 4, contract }),
    parameters: { W_enc, b_enc: new Float32Array(dSae), W_dec, b_dec: new Float32Array(dModel) },
  };
}
