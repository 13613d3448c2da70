// Adam (Kingma and Ba 2015; epsilon 1e-8), in the form of torch: the bias corrections are
// stepSize = rate / (1 - beta1^t) and varianceScale = 1 / sqrt(1 - beta2^t).
import { Problem } from './problem';

const EPSILON: f32 = 1e-8;

/** Updates a row of weights with its two moments. `width` in bytes, a multiple of 16. */
export function adamRow(p: Problem, weights: usize, m: usize, v: usize, gradient: usize, width: usize): void {
  const keepM = f32x4.splat(p.beta1);
  const addM = f32x4.splat(1 - p.beta1);
  const keepV = f32x4.splat(p.beta2);
  const addV = f32x4.splat(1 - p.beta2);
  const epsilon = f32x4.splat(EPSILON);
  const rate = f32x4.splat(p.stepSize);
  const correction = f32x4.splat(p.varianceScale);
  const clip = f32x4.splat(p.clipScale);
  for (let at: usize = 0; at < width; at += 16) {
    const g = f32x4.mul(clip, v128.load(gradient + at));
    const nextM = f32x4.add(f32x4.mul(keepM, v128.load(m + at)), f32x4.mul(addM, g));
    const nextV = f32x4.add(f32x4.mul(keepV, v128.load(v + at)), f32x4.mul(addV, f32x4.mul(g, g)));
    v128.store(m + at, nextM);
    v128.store(v + at, nextV);
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(nextV), correction), epsilon);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), f32x4.div(f32x4.mul(rate, nextM), deviation)));
  }
}

/** The same for one number. */
export function adamScalar(p: Problem, weight: usize, m: usize, v: usize, gradient: f32): void {
  const g = p.clipScale * gradient;
  const nextM = p.beta1 * load<f32>(m) + (1 - p.beta1) * g;
  const nextV = p.beta2 * load<f32>(v) + (1 - p.beta2) * g * g;
  store<f32>(m, nextM);
  store<f32>(v, nextV);
  store<f32>(weight, load<f32>(weight) - (p.stepSize * nextM) / (sqrt<f32>(nextV) * p.varianceScale + EPSILON));
}
