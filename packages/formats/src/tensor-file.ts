import type { NamedArray } from './named-array.ts';

/** What a file says of a tensor: its numbers' type in the file, by the format's own name, and its shape. */
export interface TensorInfo {
  readonly dtype: string;
  /** Row-major: the last size is that of neighbours in memory. */
  readonly shape: readonly number[];
}

/** Tensors that stay in their file until they are asked for, one at a time. */
export interface TensorFile {
  /** By name, in the file's order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * The numbers of one tensor: float32 for every kind of fraction, int32 for whole numbers and booleans.
   *
   * @throws FormatError when there is none of the name, or its dtype is not read
   */
  read(name: string): Promise<NamedArray>;
}
