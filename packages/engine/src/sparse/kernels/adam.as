// Adam (Kingma and Ba 2015; 0.9, 0.999, 1e-8), in the form of torch: the bias corrections are
// stepSize = rate / (1 - 0.9^t) and varianceScale = 1 / sqrt(1 - 0.999^t).
const KEEP_M: f32 = 0.9;
const KEEP_V: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/** Updates a row of weights with its two moments. `width` in bytes, a multiple of 16. */
export function adamRow(
  weights: usize,
  m: usize,
  v: usize,
  gradient: usize,
  width: usize,
  stepSize: f32,
  varianceScale: f32,
): void {
  const keepM = f32x4.splat(KEEP_M);
  const addM = f32x4.splat(1 - KEEP_M);
  const keepV = f32x4.splat(KEEP_V);
  const addV = f32x4.splat(1 - KEEP_V);
  const epsilon = f32x4.splat(EPSILON);
  const rate = f32x4.splat(stepSize);
  const correction = f32x4.splat(varianceScale);
  for (let at: usize = 0; at < width; at += 16) {
    const g = v128.load(gradient + at);
    const nextM = f32x4.add(f32x4.mul(keepM, v128.load(m + at)), f32x4.mul(addM, g));
    const nextV = f32x4.add(f32x4.mul(keepV, v128.load(v + at)), f32x4.mul(addV, f32x4.mul(g, g)));
    v128.store(m + at, nextM);
    v128.store(v + at, nextV);
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(nextV), correction), epsilon);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), f32x4.div(f32x4.mul(rate, nextM), deviation)));
  }
}

/** The same for one number. */
export function adamScalar(weight: usize, m: usize, v: usize, g: f32, stepSize: f32, varianceScale: f32): void {
  const nextM = KEEP_M * load<f32>(m) + (1 - KEEP_M) * g;
  const nextV = KEEP_V * load<f32>(v) + (1 - KEEP_V) * g * g;
  store<f32>(m, nextM);
  store<f32>(v, nextV);
  store<f32>(weight, load<f32>(weight) - (stepSize * nextM) / (sqrt<f32>(nextV) * varianceScale + EPSILON));
}
