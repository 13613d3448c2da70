// The training step of a TopK autoencoder as a dense program (the sparse kernels of src/sparse do the same several times faster).
import * as op from '../src/index.ts';
import type { Program } from '../src/index.ts';
import { adamStep } from './training-step.ts';

export function topKTrainingStep({ dIn, dSae, k }: { dIn: number; dSae: number; k: number }): Program {
  return adamStep({ dIn, dSae }, (pre) => {
    const { values, indices } = op.topK(pre, k);
    return { code: op.scatterLast(indices, op.relu(values), dSae) };
  });
}
