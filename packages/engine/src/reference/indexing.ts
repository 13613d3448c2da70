// Gather, scatter and top-k. Unlike fast executors, the reference refuses indices out of range.
import { fixedCount } from '../dims.ts';
import type { Op } from '../trace.ts';
import type { Value } from './value.ts';

function checkIndices(kind: string, indices: Float64Array, size: number): void {
  const wrong = indices.find((index) => !(index >= 0 && index < size));
  if (wrong !== undefined) throw new RangeError(`${kind}: index ${wrong} is not in 0 to ${size - 1}`);
}

export function evaluateIndexing(op: Op, shape: number[], operands: readonly Value[]): Float64Array | undefined {
  const a = operands[0]!;
  const b = operands[1]!;
  const out = new Float64Array(fixedCount(shape));
  switch (op.kind) {
    case 'gatherRows': {
      const width = fixedCount(a.shape.slice(1));
      checkIndices(op.kind, b.data, a.shape[0]!);
      b.data.forEach((id, i) => out.set(a.data.subarray(id * width, (id + 1) * width), i * width));
      return out;
    }
    case 'scatterAddRows': {
      const width = out.length / shape[0]!;
      checkIndices(op.kind, a.data, shape[0]!);
      a.data.forEach((id, i) => {
        for (let j = 0; j < width; j++) out[id * width + j]! += b.data[i * width + j]!;
      });
      return out;
    }
    case 'topKValues':
    case 'topKIndices':
      return topK(op.kind === 'topKValues', op.k, a, out);
    case 'argMax': {
      const width = a.shape.at(-1)!;
      return out.map((_, row) => {
        const values = a.data.subarray(row * width, (row + 1) * width);
        return values.indexOf(values.reduce((most, value) => Math.max(most, value), -Infinity));
      });
    }
    case 'gatherLast': {
      const width = a.shape.at(-1)!;
      const k = shape.at(-1)!;
      checkIndices(op.kind, b.data, width);
      return out.map((_, i) => a.data[Math.floor(i / k) * width + b.data[i]!]!);
    }
    case 'scatterLast': {
      const k = a.shape.at(-1)!;
      checkIndices(op.kind, a.data, op.size);
      b.data.forEach((value, i) => {
        out[Math.floor(i / k) * op.size + a.data[i]!] = value;
      });
      return out;
    }
    default:
      return undefined;
  }
}

function topK(wantValues: boolean, k: number, { data, shape }: Value, out: Float64Array): Float64Array {
  const width = shape.at(-1)!;
  for (let row = 0; row < out.length / k; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    const best = Array.from(values.keys()).sort((i, j) => values[j]! - values[i]!);
    best.slice(0, k).forEach((index, i) => {
      out[row * k + i] = wantValues ? values[index]! : index;
    });
  }
  return out;
}
