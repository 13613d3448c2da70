// Activation functions made of primitive ops. Those that are `fused` have one fast kernel in ONNX Runtime.
import { add, div, erf, fused, mul, sigmoid, tanh } from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { square } from './mean.ts';

/** x * sigmoid(x), also called swish. */
export const silu = (x: Traced): Traced => mul(x, sigmoid(x));

/** x * Phi(x), with the normal distribution's Phi (Hendrycks & Gimpel 2016). As torch's `gelu`. */
export function gelu(x: Traced): Traced {
  return fused('gelu', [x], {}, ([x]) => mul(mul(x!, 0.5), add(erf(mul(x!, Math.SQRT1_2)), 1)));
}

/** GELU by its tanh approximation: GPT-2's `gelu_new`, torch's `gelu(approximate='tanh')`. */
export function geluTanh(x: Traced): Traced {
  return fused('geluTanh', [x], {}, (inputs) => {
    const x = inputs[0]!;
    const inner = mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return mul(mul(x, 0.5), add(tanh(inner), 1));
  });
}

/** cap * tanh(x / cap): x near 0, never beyond the cap. Gemma 2 caps attention scores and logits so (arXiv:2408.00118). */
export const softCap = (x: Traced, cap: number): Traced => mul(tanh(div(x, cap)), cap);
