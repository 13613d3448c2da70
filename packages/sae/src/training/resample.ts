import type { ResamplingRules } from '../config/resampling-rules.ts';
import type { ParameterName, Sae, SaeParameters } from '../sae.ts';
import type { OptimiserState } from './optimiser-state.ts';
import { keyedRandom } from './random.ts';

/** What dead latents may become, one row each: what the encoder sees (d_in) and what the decoder gives (d_out). */
export interface Candidates {
  encoded: Float32Array;
  decoded: Float32Array;
}

/** Steps of a run after which dead latents are resampled. */
export function isResamplingStep(rules: ResamplingRules | null, step: number, batchTokens: number): boolean {
  if (rules === null) return false;
  const every = Math.max(1, Math.round(rules.everyTokens / batchTokens));
  return step > 0 && step % every === 0 && step / every <= rules.times;
}

/**
 * Which rows dead latents are to become: `count` different ones at most, row i with a probability in proportion to
 * errors[i]², the squared loss (Bricken et al. 2023; the draw without replacement of Efraimidis and Spirakis 2006).
 */
export function drawRows(squaredErrors: ArrayLike<number>, count: number, ...keys: (string | number)[]): number[] {
  const random = keyedRandom(...keys);
  const drawn = Array.from(squaredErrors, (error, row) => ({
    row,
    // log(u) / weight: the largest win. A row without an error can't.
    key: Math.log((random() + 1) / (2 ** 32 + 1)) / error ** 2,
  }));
  const possible = drawn.filter(({ key }) => Number.isFinite(key)).sort((a, b) => b.key - a.key || a.row - b.row);
  return possible.slice(0, count).map(({ row }) => row);
}

/**
 * Gives dead latents new weights: decoder row = candidate, of the mean norm of living rows; encoder column = candidate, of
 * a share of the mean norm of living columns, so that it hardly fires where others do; biases 0, threshold as at the
 * start; Adam's moments of all these 0. Candidates are inputs that are badly reconstructed, b_dec taken away.
 *
 * @param latents those that change, as many as there are candidates
 * @returns copies
 */
export function resampled(
  { config, parameters }: Sae,
  optimiser: OptimiserState,
  latents: readonly number[],
  candidates: Candidates,
  { encoderShare, threshold }: Pick<ResamplingRules, 'encoderShare'> & { threshold: number },
): { parameters: SaeParameters; optimiser: OptimiserState } {
  const { dIn, dSae } = config;
  const dOut = parameters.W_dec.length / dSae;
  const copy = (from: SaeParameters): SaeParameters => {
    const entries = Object.entries(from) as [ParameterName, Float32Array][];
    return Object.fromEntries(entries.map(([name, data]) => [name, data.slice()])) as Record<string, Float32Array> &
      SaeParameters;
  };
  const next = {
    parameters: copy(parameters),
    optimiser: { ...optimiser, m: copy(optimiser.m), v: copy(optimiser.v) },
  };
  const changing = new Set(latents);
  const living = Array.from({ length: dSae }, (_, f) => f).filter((f) => !changing.has(f));
  const meanNorm = (normOf: (f: number) => number): number => {
    const of = living.length > 0 ? living : latents;
    return of.reduce((sum, f) => sum + normOf(f), 0) / of.length;
  };
  const rowNorm = meanNorm((f) => norm(parameters.W_dec, f * dOut, 1, dOut));
  const columnNorm = encoderShare * meanNorm((f) => norm(parameters.W_enc, f, dSae, dIn));
  latents.forEach((latent, i) => {
    const encode = columnNorm / Math.max(norm(candidates.encoded, i * dIn, 1, dIn), 1e-12);
    const decode = rowNorm / Math.max(norm(candidates.decoded, i * dOut, 1, dOut), 1e-12);
    for (let d = 0; d < dIn; d++) next.parameters.W_enc[d * dSae + latent] = candidates.encoded[i * dIn + d]! * encode;
    for (let d = 0; d < dOut; d++)
      next.parameters.W_dec[latent * dOut + d] = candidates.decoded[i * dOut + d]! * decode;
    for (const name of ['b_enc', 'b_gate', 'b_mag', 'r_mag'] as const)
      if (next.parameters[name]) next.parameters[name][latent] = 0;
    if (next.parameters.threshold) next.parameters.threshold[latent] = threshold;
    for (const moments of [next.optimiser.m, next.optimiser.v]) forget(moments, latent, dIn, dSae, dOut);
  });
  return next;
}

function forget(moments: SaeParameters, latent: number, dIn: number, dSae: number, dOut: number): void {
  for (let d = 0; d < dIn; d++) moments.W_enc[d * dSae + latent] = 0;
  moments.W_dec.fill(0, latent * dOut, (latent + 1) * dOut);
  for (const name of ['b_enc', 'b_gate', 'b_mag', 'r_mag', 'threshold'] as const)
    if (moments[name]) moments[name][latent] = 0;
}

function norm(x: Float32Array, from: number, stride: number, count: number): number {
  let squares = 0;
  for (let i = 0; i < count; i++) squares += x[from + i * stride]! ** 2;
  return Math.sqrt(squares);
}
