import { parseBeginning } from '../byte-cursor.ts';
import type { ByteSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import type { TensorFile } from '../tensor-file.ts';
import { parseHeader, type GgufTensor } from './header.ts';
import { ggufLimits } from './limits.ts';
import type { GgufValue } from './metadata.ts';
import { unpackNumbers } from './tensor-type.ts';

/** A GGUF file, with its numbers still in it. */
export interface GgufFile extends TensorFile {
  readonly version: number;
  /** By key, as "llama.block_count". */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/**
 * Opens a GGUF file, the format of llama.cpp, version 2 or 3: metadata and the list of tensors are read and checked within
 * `ggufLimits`, numbers when they are asked for. Whole and half precision numbers, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to
 * Q6_K and Q8_K come out as float32. Shapes are row-major, the reverse of how the file lists them.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @throws FormatError naming the key or tensor and the rule
 * @example
 * const file = await openGguf(await openFileSource('SmolLM2-135M-Instruct-Q4_1.gguf'));
 * file.metadata.get('general.architecture'); // "llama"
 * const { data, shape } = await file.read('token_embd.weight'); // Float32Array, [vocabulary, d_model]
 */
export async function openGguf(source: ByteSource): Promise<GgufFile> {
  const { version, metadata, tensors, types } = await parseBeginning(source, 'gguf', ggufLimits.headerBytes, (bytes) =>
    parseHeader(bytes, source.size),
  );
  return {
    version,
    metadata,
    tensors,
    async read(name) {
      const tensor = tensors.get(name);
      const type = types.get(name);
      if (!tensor || !type) throw new FormatError(`gguf: the file has no tensor "${name}"`);
      try {
        return { data: unpackNumbers(await source.read(tensor.begin, tensor.end), type), shape: tensor.shape };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        throw new FormatError(`gguf: tensor "${name}": ${error.message}`, { cause: error });
      }
    },
  };
}
