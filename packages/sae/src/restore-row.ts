import { parameter, type Sae } from './sae.ts';

/** Turns the reconstruction of one token, in place, back into the units of its input x [d_in]; adds what was skipped. */
export function restoreRow(sae: Sae, x: Float32Array, target: Float32Array): void {
  const { config } = sae;
  if ('dOut' in config) {
    if (config.architecture === 'skip_transcoder' || config.architecture === 'jumprelu_skip_transcoder')
      addSkip(parameter(sae, 'W_skip'), x, target);
    return;
  }
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const offset = config.centred ? mean : 0;
  if (config.normalisation === 'layer_norm') {
    const squares = x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / Math.max(1, x.length - 1));
    for (let d = 0; d < target.length; d++) target[d] = target[d]! * deviation + mean;
  } else if (config.normalisation === 'constant_norm_rescale') {
    const norm = Math.sqrt(x.reduce((sum, value) => sum + (value - offset) ** 2, 0));
    for (let d = 0; d < target.length; d++) target[d] = (target[d]! * norm) / Math.sqrt(config.dIn) + offset;
  } else {
    for (let d = 0; d < target.length; d++) target[d]! += offset;
  }
}

/** target += x W_skipᵀ, W_skip [d_out, d_in]. */
function addSkip(W_skip: Float32Array, x: Float32Array, target: Float32Array): void {
  for (let out = 0; out < target.length; out++) {
    const from = out * x.length;
    let sum = 0;
    for (let d = 0; d < x.length; d++) sum += W_skip[from + d]! * x[d]!;
    target[out]! += sum;
  }
}
