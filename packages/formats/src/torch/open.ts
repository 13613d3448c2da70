import type { ByteSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import type { NamedArray } from '../named-array.ts';
import type { TensorFile } from '../tensor-file.ts';
import { openArchive } from './archive.ts';
import { openLegacy } from './legacy.ts';
import { readTensor } from './read-tensor.ts';
import { checkResult } from './result.ts';
import type { TorchTensor, TorchValue } from './value.ts';

/** A file that `torch.save` wrote, with its numbers still in it. */
export interface TorchFile extends TensorFile {
  /** What was saved, with `TorchTensor`s where tensors were. */
  readonly value: TorchValue;
  /** Every tensor by the path of keys and indices that leads to it, joined by dots. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** The numbers of a tensor, by its name or itself. */
  read(tensor: string | TorchTensor): Promise<NamedArray>;
}

/**
 * Opens a file of `torch.save` (.pt, .pth, .bin), in the layout of torch 1.6 and newer or the older one. Such files are
 * programs for Python's unpickler; here nothing is executed. Tensors, dicts, lists, numbers, text, bytes, dtypes and devices
 * are read, which is what a state_dict with its settings is made of; any other name is refused, so a file that holds a
 * whole model object is too. What may be large is bounded by `torchLimits` and by the file itself.
 *
 * Format: https://docs.pytorch.org/docs/stable/notes/serialization.html; what is allowed follows torch.load's `weights_only`.
 *
 * @throws FormatError
 * @example
 * const file = await openTorch(await openFileSource('sae.pt'));
 * const { data, shape } = await file.read('encoder.weight'); // Float32Array, [d_sae, d_in]
 */
export async function openTorch(source: ByteSource): Promise<TorchFile> {
  const { pickled, readStorage } = await openLayout(source);
  const { value, tensors } = checkResult(pickled);
  return {
    value,
    tensors,
    async read(wanted) {
      const tensor = typeof wanted === 'string' ? tensors.get(wanted) : wanted;
      if (!tensor) throw new FormatError(`torch: the file has no tensor "${String(wanted)}"`);
      try {
        return await readTensor(tensor, (begin, end) => readStorage(tensor.storage, begin, end));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        const name = typeof wanted === 'string' ? ` "${wanted}"` : '';
        throw new FormatError(`torch: tensor${name}: ${error.message}`, { cause: error });
      }
    },
  };
}

async function openLayout(source: ByteSource): ReturnType<typeof openArchive> {
  const start = await source.read(0, Math.min(4, source.size));
  if (start[0] === 0x50 && start[1] === 0x4b) return openArchive(source);
  if (start[0] === 0x80) return openLegacy(source);
  throw new FormatError('torch: the file is neither a zip archive nor a pickle');
}
