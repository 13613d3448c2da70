import type { TensorInfo } from '../tensor-file.ts';
import type { TorchDtype } from './dtype.ts';

/** A run of numbers of a torch file; several tensors may lie in one. */
export interface TorchStorage {
  readonly key: string;
  /** Null for an untyped one, whose numbers are bytes until a tensor says otherwise. */
  readonly dtype: TorchDtype | null;
  /** Bytes in all. */
  readonly bytes: number;
}

/** A tensor of a torch file; `TorchFile.read` fetches its numbers. */
export class TorchTensor implements TensorInfo {
  /** As torch prints it: "torch.float32". */
  readonly dtype: TorchDtype;
  readonly shape: readonly number[];
  /** Where it lies: steps from one index to the next along each dimension, in numbers. */
  readonly strides: readonly number[];
  readonly offset: number;
  readonly storage: TorchStorage;

  constructor(view: Pick<TorchTensor, 'dtype' | 'shape' | 'strides' | 'offset' | 'storage'>) {
    this.dtype = view.dtype;
    this.shape = view.shape;
    this.strides = view.strides;
    this.offset = view.offset;
    this.storage = view.storage;
  }
}

/** Keys of a dict. They keep their kind: optimizer states are numbered by 0, not "0". */
export type TorchKey = string | number | bigint | boolean | null;
export type TorchDict = ReadonlyMap<TorchKey, TorchValue>;

/**
 * What a torch file holds: dicts as maps; lists, tuples, sets and `torch.Size` as arrays; `bytes` as bytes; whole numbers
 * beyond 2^53 as bigints; a dtype or device as its text, as "torch.float32".
 */
export type TorchValue =
  null | boolean | number | bigint | string | Uint8Array | TorchTensor | readonly TorchValue[] | TorchDict;
