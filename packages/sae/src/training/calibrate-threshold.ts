import type { Engine } from '@monosema/engine';
import { compileEncode } from '../encode.ts';
import type { Sae } from '../sae.ts';

/**
 * A BatchTopK or Matryoshka SAE whose threshold keeps exactly floor(k * rows) codes of x [rows, d_in]. The running
 * threshold of training starts at 0 and needs some hundred steps to arrive, so that SAEs of short runs are too dense.
 * Other architectures come back as they are; so do those of which fewer than k per row are positive, at threshold 0.
 *
 * @example await calibrateThreshold(engine, sae, heldOut)
 */
export async function calibrateThreshold(engine: Engine, sae: Sae, x: Float32Array): Promise<Sae> {
  const { config, parameters } = sae;
  if (config.architecture !== 'batchtopk' && config.architecture !== 'matryoshka_batchtopk') return sae;
  const open: Sae = { config, parameters: { ...parameters, topk_threshold: new Float32Array(1) } };
  const encoder = await compileEncode(engine, open);
  const { values, rows } = await encoder.encode(x);
  await encoder.dispose();
  const kept = Math.floor(config.k * rows);
  // The largest of those left out: a latent at its threshold is inactive.
  const threshold = values.length > kept ? values.sort()[values.length - kept - 1]! : 0;
  return { config, parameters: { ...parameters, topk_threshold: Float32Array.of(threshold) } };
}
