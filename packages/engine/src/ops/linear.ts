import { formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import { broadcastShapes, requireDType } from './elementwise.ts';

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * Matrix products over the last two axes: [..., m, k] x [..., k, n] -> [..., m, n]; leading axes broadcast.
 * With `transposeA` the left operand is [..., k, m], with `transposeB` the right one is [..., n, k].
 * @example op.matmul(x, W_enc) // [batch, d_in] x [d_in, d_sae] -> [batch, d_sae]
 */
export function matmul(a: Traced, b: Traced, { transposeA = false, transposeB = false }: MatmulOptions = {}): Traced {
  const shapes = `${formatShape(a.shape)}${transposeA ? 'T' : ''} and ${formatShape(b.shape)}${transposeB ? 'T' : ''}`;
  requireDType('matmul', a, 'float');
  requireDType('matmul', b, 'float');
  if (a.shape.length < 2 || b.shape.length < 2) throw new ShapeError(`matmul: needs matrices, got ${shapes}`);
  const [rows, innerA] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [innerB, columns] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  if (innerA !== innerB) {
    throw new ShapeError(`matmul: inner sizes ${String(innerA)} and ${String(innerB)} differ (${shapes})`);
  }
  const leading = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...leading, rows, columns];
  if (shape.filter((dim) => typeof dim !== 'number').length > 1) {
    throw new ShapeError(`matmul: the result ${formatShape(shape)} would hold two symbolic dims (${shapes})`);
  }
  return new Traced({ kind: 'matmul', transposeA, transposeB }, [a, b], shape, 'float');
}
