import { flattenRows, matmul } from '../ops/index.ts';
import type { OpOf, Traced } from '../trace.ts';
import { unbroadcast } from './unbroadcast.ts';

/** Cotangents of A and B for Y = A B, each operand possibly read transposed or broadcast over leading axes. */
export function matmulRule(
  a: Traced,
  b: Traced,
  { transposeA, transposeB }: OpOf<'matmul'>,
  ct: Traced,
  needed: (input: Traced) => boolean,
): (Traced | null)[] {
  const forA = () =>
    transposeA
      ? matmul(b, ct, { transposeA: transposeB, transposeB: true })
      : matmul(ct, b, { transposeB: !transposeB });
  const forB = () => {
    // Weights shared by a batch: one large product instead of a batched one and a sum.
    const shared = a.shape.length > 2 && b.shape.length === 2 && !transposeA;
    const [left, right] = shared ? [flattenRows(a), flattenRows(ct)] : [a, ct];
    return transposeB
      ? matmul(right, left, { transposeA: true, transposeB: transposeA })
      : matmul(left, right, { transposeA: !transposeA });
  };
  return [needed(a) ? unbroadcast(forA(), a.shape) : null, needed(b) ? unbroadcast(forB(), b.shape) : null];
}
