import type { Engine } from '@monosema/engine';
import { compileForward, type Model } from '@monosema/model';
import { compileEncode, type Sae } from '@monosema/sae';

/** The features that fire on a token of a text, strongest first. */
export interface TokenFeatures {
  id: number;
  /** False for tokens that the SAE's contract leaves out (BOS): their features are listed, but mean nothing. */
  counted: boolean;
  features: { index: number; value: number }[];
}

interface TextOnModel {
  engine: Engine;
  model: Model;
  /** The tokens of one text, BOS included where the model wants one. */
  ids: readonly number[];
}

/** The values at a hook point, [tokens, width]. */
export async function hookValues({
  engine,
  model,
  ids,
  hookPoint,
}: TextOnModel & { hookPoint: string }): Promise<Float32Array> {
  const forward = await compileForward(engine, model, { length: ids.length, taps: [hookPoint] });
  try {
    const taps = await forward.run(Int32Array.from(ids));
    return taps[hookPoint]!.data as Float32Array;
  } finally {
    await forward.dispose();
  }
}

/**
 * What an SAE sees in a text.
 *
 * @example
 * const tokens = await tokenFeatures({ engine, model, sae, ids: model.tokenizer.encode('Once upon a time', { bos: true }) });
 */
export async function tokenFeatures({ engine, model, sae, ids }: TextOnModel & { sae: Sae }): Promise<TokenFeatures[]> {
  const { hookPoint, excludedTokens } = sae.config.contract;
  const values = await hookValues({ engine, model, ids, hookPoint });
  const encoder = await compileEncode(engine, sae);
  try {
    const active = await encoder.encode(values);
    return ids.map((id, row) => {
      const features: TokenFeatures['features'] = [];
      for (let i = active.offsets[row]!; i < active.offsets[row + 1]!; i++)
        features.push({ index: active.indices[i]!, value: active.values[i]! });
      features.sort((a, b) => b.value - a.value || a.index - b.index);
      return { id, counted: !excludedTokens.includes(id), features };
    });
  } finally {
    await encoder.dispose();
  }
}

/** The features with the highest activation in a text, with the number of the token that has it. */
export function topFeatures(
  tokens: readonly TokenFeatures[],
  size: number,
): { index: number; maximum: number; token: number }[] {
  const best = new Map<number, { index: number; maximum: number; token: number }>();
  tokens.forEach(({ counted, features }, token) => {
    if (!counted) return;
    for (const { index, value } of features) {
      if (value > (best.get(index)?.maximum ?? 0)) best.set(index, { index, maximum: value, token });
    }
  });
  return [...best.values()].sort((a, b) => b.maximum - a.maximum || a.index - b.index).slice(0, size);
}
