import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { SaeConfig } from '../config/sae-config.ts';
import type { TracedParameters } from './architecture.ts';
import { architectureOf } from './index.ts';
import { normaliseInput } from './normalise-input.ts';

/** Codes of every latent: x [rows, d_in] as it stands at the hook point -> [rows, d_sae]. */
export const encodeTraced = (config: SaeConfig, p: TracedParameters, x: Traced): Traced =>
  architectureOf(config).encode(config, p, normaliseInput(config, x).x);

/**
 * The reconstruction of codes [rows, d_sae], in the units of x: [rows, d_in], of a transcoder [rows, d_out]. x [rows,
 * d_in] is the input that they are of: its norm, mean or skipped part may be needed.
 */
export function decodeTraced(config: SaeConfig, p: TracedParameters, codes: Traced, x: Traced): Traced {
  return normaliseInput(config, x).restore(architectureOf(config).decode(config, p, codes, x));
}

/** x [rows, d_in] -> its reconstruction; what an edit of a forward pass splices in. */
export const reconstructTraced = (config: SaeConfig, p: TracedParameters, x: Traced): Traced =>
  decodeTraced(config, p, encodeTraced(config, p, x), x);

export interface SpliceOptions {
  /** Changes codes [rows, d_sae] before they are decoded: ablation, steering, clamping. */
  edit?: (codes: Traced) => Traced;
  /**
   * What the reconstruction stands for, [rows, d_out]: x itself unless it is a transcoder. When given, the clean error
   * target - x_hat is added without a gradient, so that nothing but the edit changes (Marks et al. 2024).
   */
  errorOf?: Traced;
}

/**
 * What stands at the hook point with the SAE spliced in: [rows, d_in], of a transcoder [rows, d_out].
 *
 * @example spliceTraced(config, p, x, { edit: (codes) => op.mul(codes, keep), errorOf: x })
 */
export function spliceTraced(
  config: SaeConfig,
  p: TracedParameters,
  x: Traced,
  { edit, errorOf }: SpliceOptions = {},
): Traced {
  const clean = encodeTraced(config, p, x);
  const spliced = decodeTraced(config, p, edit ? edit(clean) : clean, x);
  if (!errorOf) return spliced;
  return op.add(spliced, op.stopGradient(op.sub(errorOf, decodeTraced(config, p, clean, x))));
}
