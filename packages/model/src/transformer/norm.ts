import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { Hooks } from '../hooks.ts';

export interface Norm {
  readonly kind: 'layerNorm' | 'rmsNorm';
  readonly epsilon: number;
  /** [width]; undefined where it has been folded into the weights that read the norm. */
  readonly gain: Traced | undefined;
  readonly bias: Traced | undefined;
}

/**
 * LayerNorm or RMSNorm over the last axis. As in TransformerLens, `hook_scale` [..., 1] is what is divided by and
 * `hook_normalized` the value before gain and bias. Where nobody edits them the main path takes the fused norm.
 */
export function normalise(x: Traced, norm: Norm, hooks: Hooks, prefix: string): Traced {
  const [scale, normalized] = [`${prefix}.hook_scale`, `${prefix}.hook_normalized`];
  if (!hooks.isEdited(scale, normalized)) {
    hooks.aside(scale, () => scaleOf(centred(x, norm), norm));
    hooks.aside(normalized, () => plainNorm(x, { ...norm, gain: undefined, bias: undefined }));
    return plainNorm(x, norm);
  }
  const centre = centred(x, norm);
  const value = hooks.at(normalized, op.div(centre, hooks.at(scale, scaleOf(centre, norm))));
  const scaled = norm.gain ? op.mul(value, norm.gain) : value;
  return norm.bias ? op.add(scaled, norm.bias) : scaled;
}

/** The norm in one kernel. */
export function plainNorm(x: Traced, { kind, epsilon, gain, bias }: Norm): Traced {
  const width = x.shape.at(-1) as number;
  const gains = gain ?? op.constant(new Float32Array(width).fill(1), [width]);
  if (kind === 'rmsNorm') return op.rmsNorm(x, gains, epsilon);
  return op.layerNorm(x, gains, bias ?? op.constant(new Float32Array(width), [width]), epsilon);
}

const centred = (x: Traced, { kind }: Norm): Traced => (kind === 'layerNorm' ? op.sub(x, op.mean(x, [-1], true)) : x);
const scaleOf = (centre: Traced, { epsilon }: Norm): Traced =>
  op.sqrt(op.add(op.mean(op.square(centre), [-1], true), epsilon));
