import { sameShape } from '../dims.ts';
import type { Shape } from '../dims.ts';
import { reshape, sum } from '../ops/index.ts';
import type { Traced } from '../trace.ts';

/** Sums away the axes along which an operand of `shape` was broadcast. */
export function unbroadcast(cotangent: Traced, shape: Shape): Traced {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const extra = cotangent.shape.length - shape.length;
  const axes = [...cotangent.shape.keys()].filter(
    (i) => i < extra || (shape[i - extra] === 1 && cotangent.shape[i] !== 1),
  );
  return reshape(sum(cotangent, axes), shape);
}
