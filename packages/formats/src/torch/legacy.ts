import type { ByteSource } from '../byte-source.ts';
import { parseBeginning } from '../byte-cursor.ts';
import { FormatError } from '../format-error.ts';
import { torchLimits as limits } from './limits.ts';
import { torchRules } from './rules.ts';
import { unpickle } from './unpickle.ts';
import type { TorchStorage } from './value.ts';

/** Begins every file that torch wrote before version 1.6, and since then with `_use_new_zipfile_serialization=False`. */
const magic = 0x1950a86a20f9469cfc6cn;

const fail = (message: string): never => {
  throw new FormatError(`torch: ${message}`);
};

/** Where the numbers of each storage lie. */
export type StorageReader = (storage: TorchStorage, begin: number, end: number) => Promise<Uint8Array>;

/**
 * Reads the older layout: five pickles in a row (a magic number, a version, the machine, the value, the keys of the
 * storages), then each storage, its count before it.
 */
export async function openLegacy(source: ByteSource): Promise<{ pickled: unknown; readStorage: StorageReader }> {
  const { pickled, storages, keys, end } = await parseBeginning(source, 'torch', limits.pickleBytes, parsePickles);
  const begins = new Map<string, number>();
  let at = end;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (typeof key !== 'string' || !storage)
      return fail(`storage "${String(key)}" is listed, but no tensor lies in it`);
    if (begins.has(key)) fail(`storage "${key}" is listed twice`);
    begins.set(key, at + 8);
    at += 8 + storage.bytes;
    if (at > source.size) fail(`storage "${key}" of ${storage.bytes} bytes ends behind the file's ${source.size}`);
  }
  for (const key of storages.keys()) if (!begins.has(key)) fail(`storage "${key}" is not in the file`);
  return {
    pickled,
    readStorage: (storage, begin, last) => {
      const start = begins.get(storage.key)!;
      return source.read(start + begin, start + last);
    },
  };
}

function parsePickles(bytes: Uint8Array): {
  pickled: unknown;
  storages: ReadonlyMap<string, TorchStorage>;
  keys: readonly unknown[];
  end: number;
} {
  let at = 0;
  const storages = new Map<string, TorchStorage>();
  const next = (): unknown => {
    const { value, end } = unpickle(bytes, at, {
      ...torchRules,
      persistent(id) {
        const storage = torchRules.persistent(id) as TorchStorage;
        const known = storages.get(storage.key);
        if (known && (known.bytes !== storage.bytes || known.dtype !== storage.dtype))
          fail(`storage "${storage.key}" has two sizes`);
        storages.set(storage.key, storage);
        return storage;
      },
    });
    at = end;
    return value;
  };
  if (next() !== magic) fail('this is a pickle, but none that torch.save wrote');
  const version = next();
  if (version !== 1001) fail(`version ${String(version)} of the older layout; read is 1001`);
  const machine = next();
  if (machine instanceof Map && machine.get('little_endian') === false) fail('numbers of a big-endian machine');
  const pickled = next();
  const keys = next();
  return { pickled, storages, keys: Array.isArray(keys) ? keys : fail('there is no list of storages'), end: at };
}
