import type { ByteSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import { openZip } from '../zip/read.ts';
import type { StorageReader } from './legacy.ts';
import { torchLimits as limits } from './limits.ts';
import { torchRules } from './rules.ts';
import { unpickle } from './unpickle.ts';
import type { TorchStorage } from './value.ts';

const fail = (message: string): never => {
  throw new FormatError(`torch: ${message}`);
};

/** Reads the layout since torch 1.6: a zip archive of one folder with data.pkl, and a file for each storage. */
export async function openArchive(source: ByteSource): Promise<{ pickled: unknown; readStorage: StorageReader }> {
  const zip = await openZip(source);
  const pickles = Array.from(zip.entries.keys()).filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) fail(`a zip archive with ${pickles.length} entries */data.pkl, where torch writes one`);
  const folder = pickles[0]!.slice(0, -'data.pkl'.length);
  if (zip.entries.has(`${folder}constants.pkl`)) fail('a TorchScript program; only what torch.save wrote is read');
  const byteOrder = zip.entries.get(`${folder}byteorder`);
  if (byteOrder && (byteOrder.size > 10 || (await text(`${folder}byteorder`)) !== 'little'))
    fail('numbers of a big-endian machine');
  const { size } = zip.entries.get(pickles[0]!)!;
  if (size > limits.pickleBytes) fail(`data.pkl has ${size} bytes, at most ${limits.pickleBytes} are read`);
  const bytes = await zip.read(pickles[0]!);
  const { value: pickled, end } = unpickle(bytes, 0, {
    ...torchRules,
    persistent(id) {
      const storage = torchRules.persistent(id) as TorchStorage;
      const entry = zip.entries.get(`${folder}data/${storage.key}`);
      if (entry?.size !== storage.bytes)
        fail(`storage "${storage.key}" should have ${storage.bytes} bytes, but ${entry?.size ?? 'none'} are there`);
      return storage;
    },
  });
  if (end !== size) fail(`data.pkl has ${size - end} bytes behind its end`);
  return {
    pickled,
    readStorage: ({ key }, begin, last) => zip.read(`${folder}data/${key}`, begin, last),
  };

  async function text(name: string): Promise<string> {
    return new TextDecoder().decode(await zip.read(name));
  }
}
