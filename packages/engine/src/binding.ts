// What the symbolic dims of a program are in one run, read from the shapes of the arrays that it is given.
import { fixedCount, formatShape } from './dims.ts';
import type { Dim, FixedShape, Shape } from './dims.ts';
import { FeedError } from './errors.ts';
import type { DType, Traced, TracedRecord } from './trace.ts';

/** An array of any precision: engines take Float32Array and Int32Array, the reference also Float64Array and number[]. */
export interface AnyArray {
  data: ArrayLike<number>;
  shape: FixedShape;
}
/** The value of each symbol in one run, and the input that set it (for error messages). */
export type Binding = ReadonlyMap<string, { size: number; by: string }>;
type OpenBinding = Map<string, { size: number; by: string }>;

const valueOf = (dim: Dim, binding: Binding): number | undefined => {
  if (typeof dim === 'number') return dim;
  const bound = binding.get(dim.name);
  return bound && bound.size * dim.factor;
};

/** The sizes of a shape in one run. */
export function resolveShape(shape: Shape, binding: Binding): number[] {
  return shape.map((dim) => {
    const size = valueOf(dim, binding);
    if (size === undefined) throw new FeedError(`no input tells the size of ${String(dim)} in ${formatShape(shape)}`);
    return size;
  });
}

const dtypeNames: Record<DType, string> = { float: 'float32', int: 'int32', bool: 'bool' };
function dtypeOf({ data }: AnyArray): string {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof Float64Array ? 'float64' : Object.prototype.toString.call(data).slice(8, -1);
}
const described = (name: string, input: Traced) =>
  `input '${name}': expected ${dtypeNames[input.dtype]} ${formatShape(input.shape)}`;

export interface BindOptions {
  /** Symbols that are already known, from inputs bound before. */
  given?: Binding;
  /** false: any kind of numbers will do (the float64 reference). */
  exactDType?: boolean;
}

/** Checks that every input has an array of its dtype and shape, and nothing else is given; reads the symbolic dims. */
export function bindArrays(
  inputs: TracedRecord,
  arrays: Record<string, AnyArray>,
  { given = new Map(), exactDType = true }: BindOptions = {},
): Binding {
  for (const name of Object.keys(arrays)) {
    if (name in inputs) continue;
    throw new FeedError(`there is no input '${name}' to feed; there are: ${Object.keys(inputs).join(', ') || 'none'}`);
  }
  const binding = new Map(given);
  for (const [name, input] of Object.entries(inputs)) {
    const array = arrays[name];
    if (!array) throw new FeedError(`${described(name, input)}, got nothing`);
    const { shape, data } = array;
    const fail = (reason: string): never => {
      throw new FeedError(`${described(name, input)}, got ${dtypeOf(array)} ${formatShape(shape)}${reason}`);
    };
    if (exactDType && dtypeOf(array) !== dtypeNames[input.dtype]) fail('');
    bindShape(name, input, shape, binding, fail);
    if (data.length !== fixedCount(shape)) fail(` with ${data.length} values instead of ${fixedCount(shape)}`);
  }
  return binding;
}

/** As {@link bindArrays}, for arrays of which only the shapes are at hand. */
export function bindShapes(inputs: TracedRecord, shapes: Record<string, FixedShape>): Binding {
  const binding: OpenBinding = new Map();
  for (const [name, input] of Object.entries(inputs)) {
    const shape = shapes[name]!;
    bindShape(name, input, shape, binding, (reason) => {
      throw new FeedError(`${described(name, input)}, got ${formatShape(shape)}${reason}`);
    });
  }
  return binding;
}

function bindShape(
  name: string,
  input: Traced,
  shape: FixedShape,
  binding: OpenBinding,
  fail: (reason: string) => never,
): void {
  if (shape.length !== input.shape.length) fail('');
  input.shape.forEach((dim, axis) => {
    const size = shape[axis]!;
    if (!Number.isInteger(size) || size < 1) fail(' (sizes must be positive integers)');
    if (typeof dim === 'number') {
      if (size !== dim) fail('');
      return;
    }
    const bound = binding.get(dim.name);
    if (bound && size !== bound.size * dim.factor) fail(` (input '${bound.by}' sets ${dim.name} to ${bound.size})`);
    if (size % dim.factor !== 0) fail(` (${size} is not a multiple of ${dim.factor})`);
    if (!bound) binding.set(dim.name, { size: size / dim.factor, by: name });
  });
}
