import { formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import type { Traced } from '../trace.ts';

/** An axis counted from the front; -1 is the last one. */
export function axisOf(kind: string, x: Traced, axis: number): number {
  const rank = x.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw new ShapeError(`${kind}: no axis ${axis} in shape ${formatShape(x.shape)}`);
  }
  return at;
}
