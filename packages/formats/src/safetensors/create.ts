import type { FileHandle } from 'node:fs/promises';
import { FormatError } from '../format-error.ts';
import type { NamedArray } from '../named-array.ts';
import { elementCount } from '../named-array.ts';
import { numberBytes } from '../number-type.ts';
import { layoutOf, type WrittenTensor } from './layout.ts';
import { bytesOf } from './write.ts';

/** A safetensors file that is written a few rows at a time. */
export interface SafetensorsWriter {
  /** Size of the file once everything is written. */
  readonly fileBytes: number;
  /**
   * Writes rows of a tensor, along its first axis, from row `from` on. Half precisions are rounded to nearest.
   * @throws FormatError when they don't fit
   */
  writeRows(name: string, from: number, data: NamedArray['data']): Promise<void>;
}

/**
 * Begins a safetensors file whose tensors are larger than memory: its header is written at once, its numbers as they come,
 * in any order. It is valid once every row was written. The handle stays open and stays its owner's.
 *
 * @example
 * const file = await createSafetensors(await open('x.safetensors', 'w'), { x: { dtype: 'F32', shape: [1e6, 768] } });
 * await file.writeRows('x', 0, firstRows);
 */
export async function createSafetensors(
  handle: FileHandle,
  tensors: Readonly<Record<string, WrittenTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<SafetensorsWriter> {
  const { head, offsets, fileBytes } = layoutOf(tensors, metadata);
  await handle.truncate(fileBytes);
  await writeAt(handle, head, 0);
  return {
    fileBytes,
    async writeRows(name, from, data) {
      const tensor = tensors[name];
      const offset = offsets.get(name);
      if (!tensor || offset === undefined) throw new FormatError(`safetensors: the file has no tensor "${name}"`);
      const [rows = 1, ...rest] = tensor.shape;
      const width = elementCount(rest);
      if (data.length % width !== 0 || from < 0 || from + data.length / width > rows)
        throw new FormatError(
          `safetensors: ${data.length} numbers from row ${from} on do not fit tensor "${name}" of shape [${tensor.shape.join(', ')}]`,
        );
      await writeAt(handle, bytesOf(data, tensor.dtype), offset + from * width * numberBytes[tensor.dtype]);
    },
  };
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;)
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}
