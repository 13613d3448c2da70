// Where values come from: inputs, constants and the sizes of symbolic dims.
import { checkShape, elementCount, fixedCount, formatShape } from '../dims.ts';
import type { Dim, FixedShape, Shape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import type { ConstantData } from '../trace.ts';

/**
 * A named input of a program, float32 or int32, of `shape`.
 * @example const ids = op.input('ids', [op.batch, 128], 'int')
 */
export function input(name: string, shape: Shape, dtype: 'float' | 'int' = 'float'): Traced {
  checkShape(shape, `input '${name}'`);
  return new Traced({ kind: 'input', name }, [], [...shape], dtype);
}

/** A constant array in row-major order. Int32Array gives an int; Float64Array is rounded to float32 by executors. */
export function constant(data: ConstantData, shape: FixedShape): Traced {
  checkShape(shape, 'constant');
  if (data.length !== fixedCount(shape)) {
    throw new ShapeError(`constant: ${data.length} values given for shape ${formatShape(shape)}`);
  }
  return new Traced({ kind: 'constant', data }, [], [...shape], data instanceof Int32Array ? 'int' : 'float');
}

/** A float constant of shape []. */
export const scalar = (value: number): Traced => constant(new Float64Array([value]), []);

/**
 * The value of a dim (or the product of several) as a float of shape []: exact up to 2^24 in float32.
 * @example op.div(op.sum(x), op.sizeOf(x.shape[0]!))
 */
export function sizeOf(...dims: readonly Dim[]): Traced {
  const dim = elementCount(dims);
  return typeof dim === 'number' ? scalar(dim) : new Traced({ kind: 'sizeOf', dim }, [], [], 'float');
}

export type Operand = Traced | number;
/** A number among operands becomes a constant of the other operand's dtype. */
export function lift(value: Operand, like?: Operand): Traced {
  if (typeof value !== 'number') return value;
  if (like === undefined || typeof like === 'number' || like.dtype !== 'int') return scalar(value);
  return constant(Int32Array.of(value), []);
}
