import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedPairs, TracedParameters, TracedWith } from './architecture.ts';
import { gate } from './jumprelu.ts';
import { decodeLinear, linearShapes, preActivations } from './linear.ts';

type Gated = ConfigOf<'jumprelu_transcoder' | 'jumprelu_skip_transcoder'>;
const gatedTranscoder = {
  shapes: (config: Gated) => ({ ...linearShapes(config), threshold: [config.dSae] }),
  encode: (config: Gated, p: TracedWith<'b_enc' | 'threshold'>, x: Traced) =>
    gate(preActivations(config, p, x), p.threshold),
};
const skipShape = (config: ConfigOf<'skip_transcoder' | 'jumprelu_skip_transcoder'>) => ({
  W_skip: [config.dOut, config.dIn],
});
/** W_skip is [d_out, d_in], so it is multiplied transposed. */
const withSkip = (p: TracedWith<'W_skip'>, codes: Traced, x: Traced): Traced =>
  op.add(decodeLinear(p, codes), op.matmul(x, p.W_skip, { transposeB: true }));

type Plain = ConfigOf<'transcoder' | 'skip_transcoder'>;

/** Codes of the largest pre-activations, where only some are kept. */
function keptPairs(config: Plain, kept: number, p: TracedWith<'b_enc'>, x: Traced): TracedPairs {
  const { values, indices } = op.topK(preActivations(config, p, x), kept);
  return { values: op.relu(values), indices };
}

const plainTranscoder = {
  encode(config: Plain, p: TracedWith<'b_enc'>, x: Traced): Traced {
    if (config.kept === null) return op.relu(preActivations(config, p, x));
    const { values, indices } = keptPairs(config, config.kept, p, x);
    return op.scatterLast(indices, values, config.dSae);
  },
  pairs: (config: Plain, p: TracedWith<'b_enc'>, x: Traced) =>
    config.kept === null ? null : keptPairs(config, config.kept, p, x),
};

/** f = ReLU(x W_enc + b_enc), or its k largest (Paulo et al. 2025), predicts the output of an MLP from its input (Dunefsky et al. 2024). */
export const transcoder: Architecture<ConfigOf<'transcoder'>, TracedWith<'b_enc'>> = {
  shapes: linearShapes,
  ...plainTranscoder,
  decode: (_, p: TracedParameters, codes) => decodeLinear(p, codes),
};

/** The same with what is linear in x beside it (Paulo et al. 2025). */
export const skipTranscoder: Architecture<ConfigOf<'skip_transcoder'>, TracedWith<'b_enc' | 'W_skip'>> = {
  shapes: (config) => ({ ...linearShapes(config), ...skipShape(config) }),
  ...plainTranscoder,
  decode: (_, p, codes, x) => withSkip(p, codes, x),
};

export const jumpreluTranscoder: Architecture<ConfigOf<'jumprelu_transcoder'>, TracedWith<'b_enc' | 'threshold'>> = {
  ...gatedTranscoder,
  decode: (_, p, codes) => decodeLinear(p, codes),
};

export const jumpreluSkipTranscoder: Architecture<
  ConfigOf<'jumprelu_skip_transcoder'>,
  TracedWith<'b_enc' | 'threshold' | 'W_skip'>
> = {
  shapes: (config) => ({ ...gatedTranscoder.shapes(config), ...skipShape(config) }),
  encode: gatedTranscoder.encode,
  decode: (_, p, codes, x) => withSkip(p, codes, x),
};
