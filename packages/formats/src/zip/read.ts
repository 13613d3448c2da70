import { constants, inflateRawSync, type ZlibOptions } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { FormatError } from '../format-error.ts';
import { readDirectory, type ZipEntry } from './directory.ts';

/** A zip archive whose directory was read. */
export interface ZipFile {
  /** By name, in the order of the directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** Bytes `begin` to `end` of an entry, all of them unless said otherwise. @throws FormatError */
  read(name: string, begin?: number, end?: number): Promise<Uint8Array>;
}

const fail = (message: string): never => {
  throw new FormatError(`zip: ${message}`);
};

/**
 * Opens a zip archive: stored and deflated entries, Zip64; no encryption, no parts. Entries may not overlap, so that what is
 * read is never much more than the file. Checksums are not looked at: torch leaves them wrong where it is asked to.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * @throws FormatError
 * @example const zip = await openZip(source); await zip.read('archive/data.pkl')
 */
export async function openZip(source: ByteSource): Promise<ZipFile> {
  const entries = await readDirectory(source);
  return {
    entries,
    async read(name, begin = 0, end) {
      const entry = entries.get(name) ?? fail(`there is no entry "${name}"`);
      const last = end ?? entry.size;
      if (begin < 0 || last < begin || last > entry.size)
        fail(`entry "${name}" has ${entry.size} bytes, asked for were ${begin} to ${last}`);
      const start = await dataStart(source, name, entry);
      if (entry.method === 'stored') return source.read(start + begin, start + last);
      if (last < entry.size) return (await inflateStart(source, name, entry, start, last)).subarray(begin, last);
      return inflate(name, entry, await source.read(start, start + entry.packedSize)).subarray(begin);
    },
  };
}

/** Where an entry's bytes begin: behind a header of its own, which must agree with the directory. */
async function dataStart(source: ByteSource, name: string, entry: ZipEntry): Promise<number> {
  const header = new ByteCursor('zip', await source.read(entry.offset, Math.min(entry.limit, entry.offset + 30)));
  if (header.u32() !== 0x04034b50) fail(`entry "${name}" does not begin with a header`);
  header.skip(22);
  const nameBytes = header.u16();
  const begin = entry.offset + 30 + nameBytes + header.u16();
  if (begin + entry.packedSize > entry.limit) fail(`entry "${name}" reaches into what follows it`);
  const local = new ByteCursor('zip', await source.read(entry.offset + 30, entry.offset + 30 + nameBytes));
  if (local.text(nameBytes, 'a name') !== name) fail(`entry "${name}" has another name in its own header`);
  return begin;
}

function inflate(name: string, { size }: ZipEntry, packed: Uint8Array): Uint8Array {
  const bytes = unpack(name, packed, { maxOutputLength: Math.max(1, size) });
  if (bytes.length !== size) fail(`entry "${name}" unpacks to ${bytes.length} bytes, the directory says ${size}`);
  return bytes;
}

/** At least the first `wanted` bytes, without unpacking much more: a small entry can hold gigabytes of zeros. */
async function inflateStart(
  source: ByteSource,
  name: string,
  { packedSize }: ZipEntry,
  start: number,
  wanted: number,
): Promise<Uint8Array> {
  for (let length = 4096; ; length *= 2) {
    const packed = await source.read(start, start + Math.min(length, packedSize));
    const bytes = unpack(name, packed, { finishFlush: constants.Z_SYNC_FLUSH });
    if (bytes.length >= wanted) return bytes;
    if (length >= packedSize) fail(`entry "${name}" unpacks to only ${bytes.length} bytes`);
  }
}

function unpack(name: string, packed: Uint8Array, options: ZlibOptions): Uint8Array {
  try {
    return new Uint8Array(inflateRawSync(packed, options));
  } catch (error) {
    throw new FormatError(`zip: entry "${name}" cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}
