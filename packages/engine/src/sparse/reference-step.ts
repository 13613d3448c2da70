import type { AdamState, SparseStepOptions, StepParameters } from './types.ts';

// The step of open-sparse-step.ts written plainly in float64, sample by sample, dense where the kernels are sparse.
// Slow; tests trust it.

type Arrays = Record<keyof StepParameters, Float64Array>;
export interface ReferenceState {
  parameters: Arrays;
  optimiser: { step: number; m: Arrays; v: Arrays };
}
export type ReferenceOptions = Omit<SparseStepOptions, 'parameters' | 'optimiser' | 'threads'>;
export interface ReferenceResult {
  mse: number;
  nestedMse: number[];
  auxLoss: number;
  l0: number;
  smallestKept: number;
}

const names = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
const map = (from: StepParameters | Arrays, change: (values: Float32Array | Float64Array) => Float64Array): Arrays => ({
  W_enc: change(from.W_enc),
  b_enc: change(from.b_enc),
  W_dec: change(from.W_dec),
  b_dec: change(from.b_dec),
});
const copy = (from: StepParameters): Arrays => map(from, (values) => Float64Array.from(values));
const zerosLike = (from: StepParameters | Arrays): Arrays => map(from, (values) => new Float64Array(values.length));
const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

export function referenceState(parameters: StepParameters, optimiser?: AdamState): ReferenceState {
  return {
    parameters: copy(parameters),
    optimiser: {
      step: optimiser?.step ?? 0,
      m: optimiser ? copy(optimiser.m) : zerosLike(parameters),
      v: optimiser ? copy(optimiser.v) : zerosLike(parameters),
    },
  };
}

/** Advances `state` by one step on x [batch, dIn]; `dead` are the dead latents. */
export function referenceStep(
  state: ReferenceState,
  x: ArrayLike<number>,
  options: ReferenceOptions,
  { learningRate, dead }: { learningRate: number; dead: readonly number[] },
): ReferenceResult {
  const { dIn, dSae, batch, decoderRows = 'unit', clipNorm = null } = options;
  const gradients = zerosLike(state.parameters);
  const samples = Array.from({ length: batch }, (_, s) => Array.from({ length: dIn }, (_, d) => x[s * dIn + d]!));
  const z = samples.map((row) => encode(state.parameters, row, options));
  const norms = Array.from({ length: dSae }, (_, f) =>
    options.rescaleByDecoderNorm ? Math.hypot(...rowOf(state.parameters.W_dec, f, dIn)) : 1,
  );
  const ranks = z.map((row) => row.map((value, f) => value * norms[f]!));
  const kept = choose(ranks, options);
  const levels = options.widths ?? [dSae];
  const result = { mse: 0, nestedMse: levels.slice(1).map(() => 0), auxLoss: 0, l0: 0, smallestKept: Infinity };
  samples.forEach((row, s) => {
    const losses = addSample(state.parameters, gradients, row, z[s]!, kept[s]!, options);
    result.mse += losses.squares.at(-1)! / batch;
    losses.squares.slice(0, -1).forEach((value, level) => (result.nestedMse[level]! += value / batch));
    const best = bestOf(ranks[s]!, dead, Math.min(options.auxK ?? Math.floor(dIn / 2), dead.length));
    result.auxLoss += addAuxiliary(state.parameters, gradients, row, z[s]!, best, losses.error, dead.length, options);
    result.l0 += kept[s]!.length / batch;
    for (const f of kept[s]!) result.smallestKept = Math.min(result.smallestKept, ranks[s]![f]!);
  });
  if (decoderRows === 'unit') removeParallel(gradients.W_dec, state.parameters.W_dec, dIn);
  if (clipNorm !== null) clip(gradients, clipNorm);
  adam(state, gradients, learningRate, options);
  if (decoderRows === 'unit') normaliseRows(state.parameters.W_dec, dIn);
  return result;
}

function encode(p: Arrays, row: number[], { dSae, subtractDecoderBias = true }: ReferenceOptions): number[] {
  const seen = row.map((value, d) => (subtractDecoderBias ? value - p.b_dec[d]! : value));
  return Array.from({ length: dSae }, (_, f) =>
    seen.reduce((sum, value, d) => sum + value * p.W_enc[d * dSae + f]!, p.b_enc[f]!),
  );
}

/** The active latents of every sample, ascending. */
function choose(ranks: readonly number[][], { k, batch, kept = 'sample', dSae }: ReferenceOptions): number[][] {
  const positive = (row: readonly number[]) => [...row.keys()].filter((f) => row[f]! > 0);
  if (kept === 'sample') return ranks.map((row) => bestOf(row, positive(row), k).sort((a, b) => a - b));
  const flat = ranks.flat();
  const best = bestOf(flat, positive(flat), Math.floor(k * batch));
  return ranks.map(
    (_, s) =>
    best.filter((at) => Math.floor(at / dSae) === s).map((at) => at % dSae).sort((a, b) => a - b), // prettier-ignore
  );
}

/** Best `k` of `candidates` by value, the lower index first between equals. */
function bestOf(values: readonly number[], candidates: readonly number[], k: number): number[] {
  return [...candidates].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, k);
}

const rowOf = (weights: Float64Array, f: number, dIn: number): Float64Array => weights.subarray(f * dIn, (f + 1) * dIn);

/** Adds one sample's gradients of the squared errors of all levels; returns those, and the last level's error. */
function addSample(p: Arrays, g: Arrays, x: number[], z: number[], active: number[], options: ReferenceOptions) {
  const { batch, widths = [options.dSae] } = options;
  const errors = widths.map((end) => decode(p, z, active.filter((f) => f < end), x.map((value, d) => p.b_dec[d]! - value))); // prettier-ignore
  errors.forEach((error, level) => {
    error.forEach((e, d) => (g.b_dec[d]! += (2 / batch) * e));
    for (const f of active) if (f < widths[level]!) addPair(p, g, x, f, z[f]!, error, 2 / batch, options);
  });
  return { squares: errors.map(square), error: errors.at(-1)! };
}

function addAuxiliary(
  p: Arrays,
  g: Arrays,
  x: number[],
  z: number[],
  chosen: number[],
  error: number[],
  dead: number,
  options: ReferenceOptions,
): number {
  const { batch, dIn, auxK = Math.floor(dIn / 2), auxCoefficient = 1 / 32 } = options;
  if (auxK === 0 || dead === 0) return 0;
  const weight = auxCoefficient * Math.min(dead / auxK, 1);
  const left = decode(p, z, chosen, error);
  for (const f of chosen) addPair(p, g, x, f, z[f]!, left, (2 * weight) / batch, options);
  return (weight * square(left)) / batch;
}

const decode = (p: Arrays, z: readonly number[], features: readonly number[], start: readonly number[]): number[] =>
  start.map((value, d) => features.reduce((sum, f) => sum + z[f]! * p.W_dec[f * start.length + d]!, value));

/** The gradients through latent `f` with activation `value` and error gradient `factor * error`. */
function addPair(
  p: Arrays,
  g: Arrays,
  x: number[],
  f: number,
  value: number,
  error: number[],
  factor: number,
  { dIn, dSae, subtractDecoderBias = true }: ReferenceOptions,
): void {
  let toLatent = 0;
  for (let d = 0; d < dIn; d++) {
    toLatent += factor * error[d]! * p.W_dec[f * dIn + d]!;
    g.W_dec[f * dIn + d]! += factor * error[d]! * value;
  }
  g.b_enc[f]! += toLatent;
  for (let d = 0; d < dIn; d++) {
    g.W_enc[d * dSae + f]! += toLatent * (subtractDecoderBias ? x[d]! - p.b_dec[d]! : x[d]!);
    if (subtractDecoderBias) g.b_dec[d]! -= toLatent * p.W_enc[d * dSae + f]!;
  }
}

function eachRow(values: Float64Array, dIn: number, change: (row: Float64Array, index: number) => void): void {
  for (let start = 0; start < values.length; start += dIn) change(values.subarray(start, start + dIn), start / dIn);
}

function removeParallel(gradient: Float64Array, weights: Float64Array, dIn: number): void {
  eachRow(gradient, dIn, (row, f) => {
    const direction = rowOf(weights, f, dIn);
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

function clip(gradients: Arrays, most: number): void {
  const norm = Math.hypot(...names.map((name) => Math.hypot(...gradients[name])));
  const scale = Math.min(1, most / (norm + 1e-6));
  for (const name of names) gradients[name].forEach((value, i) => (gradients[name][i] = value * scale));
}

function adam({ parameters, optimiser }: ReferenceState, gradients: Arrays, rate: number, options: ReferenceOptions) {
  const { beta1 = 0.9, beta2 = 0.999 } = options;
  optimiser.step += 1;
  const correctM = 1 - beta1 ** optimiser.step;
  const correctV = 1 - beta2 ** optimiser.step;
  for (const name of names) {
    const [weights, m, v] = [parameters[name], optimiser.m[name], optimiser.v[name]];
    gradients[name].forEach((g, i) => {
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      weights[i]! -= (rate * m[i]!) / correctM / (Math.sqrt(v[i]! / correctV) + 1e-8);
    });
  }
}
