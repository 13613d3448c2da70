import { saeConfigSchema, writeSaeFolder, type Sae, type SaeConfigInput } from '@monosema/sae';

type Changes = Partial<SaeConfigInput> & { hookPoint?: string; modelId?: string };

/** A TopK SAE of the bundled model, with weights that are as good as any. */
export function smallSae({
  hookPoint = 'blocks.2.hook_resid_post',
  modelId = 'stories-260k',
  ...more
}: Changes = {}): Sae {
  const [dIn, dSae] = [64, 96];
  const config = saeConfigSchema.parse({
    architecture: 'topk',
    ...{ dIn, dSae, k: 5, sourceId: '2-tk', dataSetId: 'tinystories' },
    contract: { modelId, hookPoint, dIn, contextSize: 32, prependBos: true, excludedTokens: [0, 1, 2] },
    ...more,
  });
  // A linear congruential generator: the same numbers everywhere.
  let state = 7;
  const numbers = (length: number): Float32Array =>
    Float32Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state / 2 ** 30 - 1) / 8;
    });
  const parameters = {
    W_enc: numbers(dIn * dSae),
    W_dec: numbers(dSae * dIn),
    b_enc: numbers(dSae),
    b_dec: numbers(dIn),
  };
  return { config, parameters };
}

export async function writeSmallSae(path: string, changes: Changes = {}): Promise<Sae> {
  const sae = smallSae(changes);
  await writeSaeFolder(path, sae);
  return sae;
}
