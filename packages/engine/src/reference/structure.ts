// Ops that move entries.
import { fixedCount } from '../dims.ts';
import type { Op } from '../trace.ts';
import { offsets, readBroadcast, strides } from './strided.ts';
import type { Value } from './value.ts';

export function evaluateStructure(op: Op, shape: number[], operands: readonly Value[]): Float64Array | undefined {
  const { data, shape: source } = operands[0]!;
  switch (op.kind) {
    case 'transpose': {
      const own = strides(source);
      const steps = op.permutation.map((axis) => own[axis]!);
      return Float64Array.from(offsets(shape, steps), (offset) => data[offset]!);
    }
    case 'broadcast':
      return readBroadcast(data, source, shape);
    case 'slice': {
      const own = strides(source);
      return Float64Array.from(offsets(shape, own), (offset) => data[offset + op.start * own[op.axis]!]!);
    }
    case 'pad':
      return place([{ value: operands[0]!, start: op.before }], op.axis, shape);
    case 'concat': {
      let next = 0;
      const parts = operands.map((value) => {
        const start = next;
        next += value.shape[op.axis]!;
        return { value, start };
      });
      return place(parts, op.axis, shape);
    }
    default:
      return undefined;
  }
}

/** Zeros of `shape` with each part put in at `start` along `axis`. */
function place(parts: readonly { value: Value; start: number }[], axis: number, shape: number[]): Float64Array {
  const out = new Float64Array(fixedCount(shape));
  const own = strides(shape);
  for (const { value, start } of parts) {
    offsets(value.shape, own).forEach((offset, i) => {
      out[offset + start * own[axis]!] = value.data[i]!;
    });
  }
  return out;
}
