// Operations that move entries but do not change them.
import { checkShape, dimProduct, elementCount, fixedDim, formatShape, sameShape } from '../dims.ts';
import type { Dim, Shape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import { axisOf } from './axes.ts';
import { broadcastShapes } from './elementwise.ts';

/** The same entries in the same (row-major) order, in another shape of the same size. */
export function reshape(x: Traced, shape: Shape): Traced {
  checkShape(shape, 'reshape');
  if (elementCount(shape) !== elementCount(x.shape)) {
    throw new ShapeError(`reshape: shapes ${formatShape(x.shape)} and ${formatShape(shape)} differ in size`);
  }
  return sameShape(x.shape, shape) ? x : new Traced({ kind: 'reshape' }, [x], [...shape], x.dtype);
}

/** [..., d] -> [rows, d]: all axes but the last become one. */
export function flattenRows(x: Traced): Traced {
  axisOf('flattenRows', x, -1);
  return reshape(x, [dimProduct(...x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/** Axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Traced, permutation: readonly number[]): Traced {
  if (permutation.length !== x.shape.length || x.shape.some((_, axis) => !permutation.includes(axis))) {
    throw new ShapeError(
      `transpose: [${permutation.join(', ')}] is no permutation of the axes of ${formatShape(x.shape)}`,
    );
  }
  const shape = permutation.map((axis) => x.shape[axis]!);
  return new Traced({ kind: 'transpose', permutation: [...permutation] }, [x], shape, x.dtype);
}

/** x repeated along its axes of size 1 (and new leading ones) to `shape`. */
export function broadcast(x: Traced, shape: Shape): Traced {
  checkShape(shape, 'broadcast');
  if (!sameShape(broadcastShapes('broadcast', x.shape, shape), shape)) {
    throw new ShapeError(`broadcast: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
  }
  return sameShape(x.shape, shape) ? x : new Traced({ kind: 'broadcast' }, [x], [...shape], x.dtype);
}

const withDim = (shape: Shape, axis: number, size: Dim): Shape => shape.map((dim, i) => (i === axis ? size : dim));

/** Entries `start` to `end` (exclusive, counted from the front) along a fixed axis. */
export function slice(x: Traced, axis: number, start: number, end: number): Traced {
  const at = axisOf('slice', x, axis);
  const size = fixedDim(x.shape[at], `slice: axis ${at} of ${formatShape(x.shape)}`);
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= size)) {
    throw new ShapeError(`slice: ${start} to ${end} does not lie in axis ${at} of ${formatShape(x.shape)}`);
  }
  if (start === 0 && end === size) return x;
  return new Traced({ kind: 'slice', axis: at, start, end }, [x], withDim(x.shape, at, end - start), x.dtype);
}

/** Zeros put before and after the entries along a fixed axis. */
export function pad(x: Traced, axis: number, before: number, after: number): Traced {
  const at = axisOf('pad', x, axis);
  const size = fixedDim(x.shape[at], `pad: axis ${at} of ${formatShape(x.shape)}`);
  if (!(Number.isInteger(before) && Number.isInteger(after) && before >= 0 && after >= 0)) {
    throw new ShapeError(`pad: widths must be 0 or more, got ${before} and ${after}`);
  }
  const shape = withDim(x.shape, at, size + before + after);
  return before + after === 0 ? x : new Traced({ kind: 'pad', axis: at, before, after }, [x], shape, x.dtype);
}

/** Arrays put one after another along a fixed axis; the other sizes must be equal. */
export function concat(parts: readonly Traced[], axis: number): Traced {
  const first = parts[0];
  if (!first) throw new ShapeError('concat: nothing to concatenate');
  const at = axisOf('concat', first, axis);
  let total = 0;
  for (const { shape, dtype } of parts) {
    if (dtype !== first.dtype || !sameShape(withDim(shape, at, 1), withDim(first.shape, at, 1))) {
      const given = `${first.dtype} ${formatShape(first.shape)} and ${dtype} ${formatShape(shape)}`;
      throw new ShapeError(`concat: ${given} differ beside axis ${at}`);
    }
    total += fixedDim(shape[at], `concat: axis ${at} of ${formatShape(shape)}`);
  }
  return parts.length === 1
    ? first
    : new Traced({ kind: 'concat', axis: at }, [...parts], withDim(first.shape, at, total), first.dtype);
}
