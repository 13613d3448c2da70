/** Numbers in row-major order and their shape. `[]` is a scalar: one number. */
export interface NamedArray {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** Arrays by tensor name. */
export type NamedArrays = Record<string, NamedArray>;

/** How many numbers a shape holds. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
