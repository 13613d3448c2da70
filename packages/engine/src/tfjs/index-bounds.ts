// Which indices of a program can be out of range, told from how they were made.
import type { Dim } from '../dims.ts';
import type { Traced } from '../trace.ts';

/** The indices that an op reads and the size of what they count; undefined for ops without indices. */
export function indexBoundsOf({ op, inputs, shape }: Traced): { indices: Traced; size: Dim } | undefined {
  const [first, second] = inputs;
  switch (op.kind) {
    case 'gatherRows':
      return { indices: second!, size: first!.shape[0]! };
    case 'gatherLast':
      return { indices: second!, size: first!.shape.at(-1)! };
    case 'scatterLast':
      return { indices: first!, size: op.size };
    case 'scatterAddRows':
      return { indices: first!, size: shape[0]! };
    default:
      return undefined;
  }
}

/** Whether every entry of `indices` is known to lie in 0 to `size` - 1 before anything runs. */
export function isWithin(indices: Traced, size: Dim): boolean {
  const { op, inputs } = indices;
  switch (op.kind) {
    case 'constant': {
      const least = typeof size === 'number' ? size : size.factor; // a symbol is 1 or more
      return op.data.every((index) => index >= 0 && index < least);
    }
    case 'topKIndices':
    case 'argMax':
      return inputs[0]!.shape.at(-1) === size;
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'stopGradient':
    case 'custom':
      return isWithin(inputs[0]!, size);
    case 'concat':
      return inputs.every((part) => isWithin(part, size));
    default:
      return false;
  }
}
