export {
  abs,
  add,
  div,
  equal,
  erf,
  exp,
  greater,
  greaterEqual,
  log,
  maximum,
  mul,
  neg,
  relu,
  sigmoid,
  sqrt,
  stopGradient,
  sub,
  tanh,
  toFloat,
  toInt,
  where,
} from './elementwise.ts';
export { customGradient, fused } from './extended.ts';
export { argMax, gatherLast, gatherRows, scatterAddRows, scatterLast, topK } from './indexing.ts';
export { matmul } from './linear.ts';
export type { MatmulOptions } from './linear.ts';
export { logSoftmax, max, softmax, sum } from './reduce.ts';
export { broadcast, concat, flattenRows, pad, reshape, slice, transpose } from './shapes.ts';
export { constant, input, scalar, sizeOf } from './sources.ts';
export type { Operand } from './sources.ts';
