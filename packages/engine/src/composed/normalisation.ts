import { add, div, fused, mul, sqrt, sub } from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { mean, square } from './mean.ts';

/** (x - mean) / sqrt(variance + epsilon) * gain + bias over the last axis: [..., d], [d], [d] -> [..., d]. Biased variance. */
export function layerNorm(x: Traced, gain: Traced, bias: Traced, epsilon = 1e-5): Traced {
  return fused('layerNorm', [x, gain, bias], { epsilon }, ([x, gain, bias]) => {
    const centred = sub(x!, mean(x!, [-1], true));
    const deviation = sqrt(add(mean(square(centred), [-1], true), epsilon));
    return add(mul(div(centred, deviation), gain!), bias!);
  });
}

/** x / sqrt(mean(x^2) + epsilon) * gain over the last axis: [..., d], [d] -> [..., d]. */
export function rmsNorm(x: Traced, gain: Traced, epsilon = 1e-5): Traced {
  return fused('rmsNorm', [x, gain], { epsilon }, ([x, gain]) =>
    mul(div(x!, sqrt(add(mean(square(x!), [-1], true), epsilon))), gain!),
  );
}
