/** An array as it goes into and comes out of a program: row-major data and its shape. Float32Array: float; Int32Array: int. */
export interface ArrayValue {
  data: Float32Array | Int32Array;
  shape: readonly number[];
}
export type Arrays = Record<string, ArrayValue>;
