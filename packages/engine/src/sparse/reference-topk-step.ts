import type { AdamState, TopKParameters } from './types.ts';

// The step of open-topk-step.ts written plainly in float64, sample by sample, dense where the kernels are sparse.
// Slow; tests trust it.

export interface ReferenceState {
  parameters: Record<keyof TopKParameters, Float64Array>;
  optimiser: {
    step: number;
    m: Record<keyof TopKParameters, Float64Array>;
    v: Record<keyof TopKParameters, Float64Array>;
  };
}

export interface ReferenceOptions {
  dIn: number;
  dSae: number;
  k: number;
  auxK: number;
  auxCoefficient: number;
  learningRate: number;
  /** Indices of the dead latents. */
  dead: readonly number[];
}

const names = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
type Arrays = Record<keyof TopKParameters, Float64Array>;
const map = (
  parameters: TopKParameters | Arrays,
  change: (values: Float32Array | Float64Array) => Float64Array,
): Arrays => ({
  W_enc: change(parameters.W_enc),
  b_enc: change(parameters.b_enc),
  W_dec: change(parameters.W_dec),
  b_dec: change(parameters.b_dec),
});

export function referenceState(parameters: TopKParameters, optimiser?: AdamState): ReferenceState {
  const zeros = (): Arrays => map(parameters, (values) => new Float64Array(values.length));
  return {
    parameters: map(parameters, (values) => Float64Array.from(values)),
    optimiser: {
      step: optimiser?.step ?? 0,
      m: optimiser ? map(optimiser.m, (values) => Float64Array.from(values)) : zeros(),
      v: optimiser ? map(optimiser.v, (values) => Float64Array.from(values)) : zeros(),
    },
  };
}

/** Advances `state` by one step on x [batch, dIn]. */
export function referenceStep(
  state: ReferenceState,
  x: ArrayLike<number>,
  options: ReferenceOptions,
): { mse: number; auxLoss: number; l0: number } {
  const { dIn } = options;
  const batch = x.length / dIn;
  const gradients = map(state.parameters, (values) => new Float64Array(values.length));
  const total = { mse: 0, auxLoss: 0, l0: 0 };
  for (let sample = 0; sample < batch; sample++) {
    const row = Array.from({ length: dIn }, (_, d) => x[sample * dIn + d]!);
    const parts = addSample(state.parameters, gradients, row, batch, options);
    total.mse += parts.mse / batch;
    total.auxLoss += parts.auxLoss / batch;
    total.l0 += parts.active / batch;
  }
  removeParallel(gradients.W_dec, state.parameters.W_dec, dIn);
  adam(state, gradients, options.learningRate);
  normaliseRows(state.parameters.W_dec, dIn);
  return total;
}

/** Best `k` of `candidates` by value, the lower index first between equals. */
function best(values: readonly number[], candidates: readonly number[], k: number): number[] {
  return [...candidates].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, k);
}

/** Adds one sample's gradients; returns its losses. */
function addSample(p: Arrays, g: Arrays, x: number[], batch: number, options: ReferenceOptions) {
  const { dIn, dSae, k, auxK, auxCoefficient, dead } = options;
  const z = Array.from({ length: dSae }, (_, f) =>
    x.reduce((sum, value, d) => sum + (value - p.b_dec[d]!) * p.W_enc[d * dSae + f]!, p.b_enc[f]!),
  );
  const decode = (features: readonly number[]): number[] =>
    x.map((_, d) => features.reduce((sum, f) => sum + z[f]! * p.W_dec[f * dIn + d]!, 0));
  const active = best(z, [...z.keys()], k).filter((f) => z[f]! > 0);
  const error = decode(active).map((value, d) => value + p.b_dec[d]! - x[d]!);
  error.forEach((e, d) => (g.b_dec[d]! += (2 / batch) * e));
  for (const f of active) addPair(p, g, x, f, z[f]!, error, 2 / batch, dIn, dSae);

  const chosen = auxK > 0 ? best(z, dead, auxK) : [];
  const weight = auxK > 0 ? auxCoefficient * Math.min(dead.length / auxK, 1) : 0;
  const auxError = decode(chosen).map((value, d) => value + error[d]!);
  for (const f of chosen) addPair(p, g, x, f, z[f]!, auxError, (2 * weight) / batch, dIn, dSae);
  const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
  return { mse: square(error), auxLoss: weight > 0 ? weight * square(auxError) : 0, active: active.length };
}

/** The gradients through latent `f` with activation `value` and error gradient `factor * error`. */
function addPair(
  p: Arrays,
  g: Arrays,
  x: number[],
  f: number,
  value: number,
  error: number[],
  factor: number,
  dIn: number,
  dSae: number,
): void {
  let toLatent = 0;
  for (let d = 0; d < dIn; d++) {
    toLatent += factor * error[d]! * p.W_dec[f * dIn + d]!;
    g.W_dec[f * dIn + d]! += factor * error[d]! * value;
  }
  g.b_enc[f]! += toLatent;
  for (let d = 0; d < dIn; d++) {
    g.W_enc[d * dSae + f]! += toLatent * (x[d]! - p.b_dec[d]!);
    g.b_dec[d]! -= toLatent * p.W_enc[d * dSae + f]!;
  }
}

function eachRow(values: Float64Array, dIn: number, change: (row: Float64Array, index: number) => void): void {
  for (let start = 0; start < values.length; start += dIn) change(values.subarray(start, start + dIn), start / dIn);
}

function removeParallel(gradient: Float64Array, weights: Float64Array, dIn: number): void {
  eachRow(gradient, dIn, (row, f) => {
    const direction = weights.subarray(f * dIn, (f + 1) * dIn);
    const along = row.reduce((sum, value, d) => sum + value * direction[d]!, 0);
    row.forEach((value, d) => (row[d] = value - along * direction[d]!));
  });
}

function normaliseRows(weights: Float64Array, dIn: number): void {
  eachRow(weights, dIn, (row) => {
    const norm = Math.hypot(...row);
    if (norm > 0) row.forEach((value, d) => (row[d] = value / norm));
  });
}

function adam({ parameters, optimiser }: ReferenceState, gradients: Arrays, learningRate: number): void {
  optimiser.step += 1;
  const correctM = 1 - 0.9 ** optimiser.step;
  const correctV = 1 - 0.999 ** optimiser.step;
  for (const name of names) {
    const [weights, m, v] = [parameters[name], optimiser.m[name], optimiser.v[name]];
    gradients[name].forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      weights[i]! -= (learningRate * m[i]!) / correctM / (Math.sqrt(v[i]! / correctV) + 1e-8);
    });
  }
}
