// Gather, scatter and top-k. Indices are int32, 0 to size - 1. Beyond that a run fails (ONNX Runtime reads -1 as the last).
import { fixedDim, formatShape, sameShape } from '../dims.ts';
import type { Dim } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import { axisOf } from './axes.ts';
import { requireDType } from './elementwise.ts';

/** Rows of a table by index: (table [v, ...d], ids [...i]) -> [...i, ...d]. An embedding look-up. */
export function gatherRows(table: Traced, ids: Traced): Traced {
  requireDType('gatherRows', ids, 'int');
  axisOf('gatherRows', table, 0);
  return new Traced({ kind: 'gatherRows' }, [table, ids], [...ids.shape, ...table.shape.slice(1)], table.dtype);
}

/** Adds rows into zeros: (ids [...i], updates [...i, ...d]) -> [rows, ...d]. Rows named twice are summed. */
export function scatterAddRows(ids: Traced, updates: Traced, rows: Dim): Traced {
  requireDType('scatterAddRows', ids, 'int');
  requireDType('scatterAddRows', updates, 'float');
  const rank = ids.shape.length;
  if (!sameShape(ids.shape, updates.shape.slice(0, rank))) {
    const shapes = `${formatShape(ids.shape)} and ${formatShape(updates.shape)}`;
    throw new ShapeError(`scatterAddRows: ids and updates do not match: ${shapes}`);
  }
  return new Traced({ kind: 'scatterAddRows' }, [ids, updates], [rows, ...updates.shape.slice(rank)], 'float');
}

/**
 * The k largest entries of the last axis, largest first, and where they were; of equal ones the earlier comes first.
 * x [..., n] -> values [..., k], indices [..., k] (int). The gradient of `values` goes to the chosen entries.
 */
export function topK(x: Traced, k: number): { values: Traced; indices: Traced } {
  requireDType('topK', x, 'float');
  const size = fixedDim(x.shape.at(-1), `topK: the last axis of ${formatShape(x.shape)}`);
  if (!Number.isInteger(k) || k < 1 || k > size) {
    throw new ShapeError(`topK: k must be 1 to ${size} for shape ${formatShape(x.shape)}, got ${k}`);
  }
  const shape = [...x.shape.slice(0, -1), k];
  return {
    values: new Traced({ kind: 'topKValues', k }, [x], shape, 'float'),
    indices: new Traced({ kind: 'topKIndices', k }, [x], shape, 'int'),
  };
}

/** Where the largest entry of the last axis is, the first of equal ones: x [..., n] -> [...] (int). */
export function argMax(x: Traced): Traced {
  requireDType('argMax', x, 'float');
  fixedDim(x.shape.at(-1), `argMax: the last axis of ${formatShape(x.shape)}`);
  return new Traced({ kind: 'argMax' }, [x], x.shape.slice(0, -1), 'int');
}

/** Entries of the last axis by index: (x [..., n], indices [..., k]) -> [..., k]. */
export function gatherLast(x: Traced, indices: Traced): Traced {
  requireDType('gatherLast', x, 'float');
  requireDType('gatherLast', indices, 'int');
  fixedDim(x.shape.at(-1), `gatherLast: the last axis of ${formatShape(x.shape)}`);
  if (indices.shape.length === 0 || !sameShape(x.shape.slice(0, -1), indices.shape.slice(0, -1))) {
    const shapes = `${formatShape(x.shape)} and ${formatShape(indices.shape)}`;
    throw new ShapeError(`gatherLast: values and indices do not match: ${shapes}`);
  }
  return new Traced({ kind: 'gatherLast' }, [x, indices], indices.shape, 'float');
}

/** Entries put into zeros by index: (indices [..., k], updates [..., k]) -> [..., size]. Indices of a row must differ. */
export function scatterLast(indices: Traced, updates: Traced, size: number): Traced {
  requireDType('scatterLast', indices, 'int');
  requireDType('scatterLast', updates, 'float');
  if (indices.shape.length === 0 || !sameShape(indices.shape, updates.shape)) {
    const shapes = `${formatShape(indices.shape)} and ${formatShape(updates.shape)}`;
    throw new ShapeError(`scatterLast: indices and updates do not match: ${shapes}`);
  }
  return new Traced({ kind: 'scatterLast', size }, [indices, updates], [...updates.shape.slice(0, -1), size], 'float');
}
