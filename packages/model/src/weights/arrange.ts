import type { FixedShape } from '@monosema/engine';
import type { WeightSource } from '../architectures/architecture.ts';

/** Sizes and distances, in entries, of an array's axes. */
interface Layout {
  readonly sizes: number[];
  readonly strides: number[];
  readonly offset: number;
}

/**
 * The entries of a tensor in the order that `source` asks for; the tensor's own memory where that is its order already.
 *
 * @example arrange(data, { tensor: 'lm_head.weight', shape: [vocabulary, dModel], permute: [1, 0] }) // [d_model, vocabulary]
 */
export function arrange(data: Float32Array, source: WeightSource): Float32Array {
  const layout = layoutOf(source);
  const { plus = 0 } = source;
  const inOrder = isRowMajor(layout) && layout.sizes.reduce((a, b) => a * b, 1) === data.length;
  const arranged = inOrder ? data : gather(data, layout);
  return plus === 0 ? arranged : arranged.map((x) => x + plus);
}

function layoutOf({ shape, view = shape, pick, permute }: WeightSource): Layout {
  let sizes = [...view];
  let strides = rowMajorStrides(view);
  let offset = 0;
  if (pick) {
    offset = pick.index * strides[pick.axis]!;
    sizes = sizes.toSpliced(pick.axis, 1);
    strides = strides.toSpliced(pick.axis, 1);
  }
  const order = permute ?? sizes.map((_, axis) => axis);
  return { sizes: order.map((axis) => sizes[axis]!), strides: order.map((axis) => strides[axis]!), offset };
}

function rowMajorStrides(shape: FixedShape): number[] {
  const strides = new Array<number>(shape.length);
  shape.reduceRight((step, size, axis) => ((strides[axis] = step), step * size), 1);
  return strides;
}

const isRowMajor = ({ sizes, strides }: Layout): boolean => rowMajorStrides(sizes).join() === strides.join();

/** Columns that are read side by side, so that both reading and writing stay in the processor's caches. */
const tile = 16;

function gather(data: Float32Array, { sizes, strides, offset }: Layout): Float32Array {
  const result = new Float32Array(sizes.reduce((a, b) => a * b, 1));
  const [rows, columns] = [sizes.at(-2) ?? 1, sizes.at(-1) ?? 1];
  const [rowStep, columnStep] = [strides.at(-2) ?? 0, strides.at(-1) ?? 1];
  for (let matrix = 0; matrix < result.length / (rows * columns); matrix++) {
    const from = offset + positionOf(matrix, sizes.slice(0, -2), strides);
    const to = matrix * rows * columns;
    for (let first = 0; first < columns; first += tile)
      for (let row = 0; row < rows; row++)
        for (let column = first; column < Math.min(first + tile, columns); column++)
          result[to + row * columns + column] = data[from + row * rowStep + column * columnStep]!;
  }
  return result;
}

/** Where the `count`-th element of the leading axes begins. */
function positionOf(count: number, sizes: readonly number[], strides: readonly number[]): number {
  let position = 0;
  for (let axis = sizes.length - 1, rest = count; axis >= 0; axis--) {
    position += (rest % sizes[axis]!) * strides[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
  }
  return position;
}
