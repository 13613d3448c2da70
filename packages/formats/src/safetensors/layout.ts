import { FormatError } from '../format-error.ts';
import { elementCount } from '../named-array.ts';
import { numberBytes } from '../number-type.ts';

/** The types that are written, in the order of a file. */
export const writtenTypes = ['F32', 'I32', 'BF16', 'F16'] as const;
export type WrittenType = (typeof writtenTypes)[number];

/** A tensor that is to be written. */
export interface WrittenTensor {
  readonly dtype: WrittenType;
  readonly shape: readonly number[];
}

export interface WrittenLayout {
  /** Everything before the data. */
  readonly head: Uint8Array;
  /** Where each tensor begins in the file, in the file's order. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly fileBytes: number;
}

/**
 * Where the tensors of a file go, and its header: as the Python library writes them, F32, I32, BF16, F16, then by name, the
 * header padded with spaces so that the data begin at a multiple of 8.
 *
 * @throws FormatError when a tensor can't have its name
 */
export function layoutOf(
  tensors: Readonly<Record<string, WrittenTensor>>,
  metadata: Readonly<Record<string, string>>,
): WrittenLayout {
  const entries = Object.entries(tensors).sort(
    ([a, { dtype }], [b, { dtype: other }]) =>
      writtenTypes.indexOf(dtype) - writtenTypes.indexOf(other) || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) header.push(['__metadata__', Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  const begins: [string, number][] = [];
  let dataBytes = 0;
  for (const [name, { dtype, shape }] of entries) {
    if (name === '__metadata__') throw new FormatError('safetensors: no tensor can be called __metadata__');
    const end = dataBytes + elementCount(shape) * numberBytes[dtype];
    header.push([name, { dtype, shape, data_offsets: [dataBytes, end] }]);
    begins.push([name, dataBytes]);
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  const offsets = new Map(begins.map(([name, begin]) => [name, head.length + begin]));
  return { head, offsets, fileBytes: head.length + dataBytes };
}
