import type { ByteSource } from '../byte-source.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { FormatError } from '../format-error.ts';

/** What a zip file may ask of us. */
export const zipLimits = {
  entries: 100_000,
  directoryBytes: 64 * 2 ** 20,
} as const;

export interface ZipEntry {
  readonly method: 'stored' | 'deflated';
  /** Bytes in the archive, and unpacked. */
  readonly packedSize: number;
  readonly size: number;
  /** Where its own header begins, and where the next entry or the directory does. */
  readonly offset: number;
  readonly limit: number;
}

interface Directory {
  entries: number;
  begin: number;
  end: number;
}

const fail = (message: string): never => {
  throw new FormatError(`zip: ${message}`);
};

/** Reads and checks the directory at the end of an archive. */
export async function readDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const { entries, begin, end } = await locate(source);
  if (entries > zipLimits.entries) fail(`${entries} entries, at most ${zipLimits.entries} are read`);
  if (end - begin > zipLimits.directoryBytes) fail(`its directory has ${end - begin} bytes`);
  const cursor = new ByteCursor('zip', await source.read(begin, end));
  const found = new Map<string, Omit<ZipEntry, 'limit'>>();
  for (let i = 0; i < entries; i++) {
    const { name, ...entry } = readEntry(cursor);
    if (found.has(name)) fail(`entry "${name}" stands twice in the directory`);
    found.set(name, entry);
  }
  if (cursor.at !== end - begin) fail(`its directory has ${end - begin - cursor.at} bytes too many`);
  return withLimits(found, begin);
}

/** Entries lie one after another; an archive of overlapping ones can unpack to far more than its size. */
function withLimits(found: ReadonlyMap<string, Omit<ZipEntry, 'limit'>>, directory: number): Map<string, ZipEntry> {
  const offsets = Array.from(found.values(), ({ offset }) => offset).sort((a, b) => a - b);
  const next = new Map<number, number>();
  for (const [i, offset] of offsets.entries()) {
    if (next.has(offset)) fail(`two entries begin at byte ${offset}`);
    next.set(offset, offsets[i + 1] ?? directory);
  }
  return new Map(
    Array.from(found, ([name, entry]) => {
      const limit = next.get(entry.offset)!;
      // 30: its own header without the name.
      if (entry.offset + 30 + entry.packedSize > limit) fail(`entry "${name}" reaches into what follows it`);
      return [name, { ...entry, limit }];
    }),
  );
}

/** Finds the directory by the record at the very end, behind which only a comment may stand. */
async function locate(source: ByteSource): Promise<Directory> {
  const tailBegin = Math.max(0, source.size - 22 - 0xffff);
  const tail = await source.read(tailBegin, source.size);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail[at] !== 0x50) continue;
    const cursor = new ByteCursor('zip', tail, at);
    if (cursor.u32() !== 0x06054b50) continue;
    const disks = [cursor.u16(), cursor.u16()];
    const here = cursor.u16();
    const entries = cursor.u16();
    const size = cursor.u32();
    const begin = cursor.u32();
    if (cursor.u16() !== tail.length - at - 22) continue;
    const end = tailBegin + at;
    if (entries === 0xffff || size === 0xffffffff || begin === 0xffffffff) return locate64(source, end);
    if (here !== entries || disks.some((disk) => disk !== 0)) fail('archives in several parts are not read');
    if (begin + size > end) fail(`its directory ends at byte ${begin + size}, behind its end at ${end}`);
    return { entries, begin, end: begin + size };
  }
  return fail('there is no directory at its end');
}

/** Zip64: a locator right before the end record, which points at an end record with 64-bit sizes. */
async function locate64(source: ByteSource, end: number): Promise<Directory> {
  if (end < 20 + 56) fail('there is no Zip64 directory');
  const locator = new ByteCursor('zip', await source.read(end - 20, end));
  if (locator.u32() !== 0x07064b50) fail('there is no Zip64 directory');
  locator.skip(4);
  const at = locator.size('the place of its directory');
  if (at + 56 > end - 20) fail(`its Zip64 record at byte ${at} reaches behind its end`);
  const record = new ByteCursor('zip', await source.read(at, at + 56));
  if (record.u32() !== 0x06064b50) fail('there is no Zip64 directory');
  record.skip(20);
  const here = record.size('its number of entries');
  const entries = record.size('its number of entries');
  if (here !== entries) fail('archives in several parts are not read');
  const size = record.size('the size of its directory');
  const begin = record.size('the place of its directory');
  if (begin + size > at) fail(`its directory ends at byte ${begin + size}, behind its end at ${at}`);
  return { entries, begin, end: begin + size };
}

function readEntry(cursor: ByteCursor): Omit<ZipEntry, 'limit'> & { name: string } {
  if (cursor.u32() !== 0x02014b50) fail(`its directory has no entry at byte ${cursor.at - 4}`);
  cursor.skip(4);
  const flags = cursor.u16();
  const method = cursor.u16();
  cursor.skip(8);
  let packedSize = cursor.u32();
  let size = cursor.u32();
  const [nameBytes, extraBytes, commentBytes] = [cursor.u16(), cursor.u16(), cursor.u16()];
  cursor.skip(8);
  let offset = cursor.u32();
  const name = cursor.text(nameBytes, 'the name of an entry');
  const extraEnd = cursor.at + extraBytes;
  while (cursor.at + 4 <= extraEnd) {
    const kind = cursor.u16();
    const bytes = cursor.u16();
    const end = cursor.at + bytes;
    if (end > extraEnd) fail(`entry "${name}" has a field that reaches beyond it`);
    if (kind === 1) {
      // Only those of the sizes that did not fit stand there, in this order.
      const wide = (narrow: number): number =>
        narrow === 0xffffffff ? cursor.size(`a size of entry "${name}"`) : narrow;
      size = wide(size);
      packedSize = wide(packedSize);
      offset = wide(offset);
      if (cursor.at > end) fail(`entry "${name}" lacks a Zip64 size`);
    }
    cursor.at = end;
  }
  cursor.at = extraEnd;
  cursor.skip(commentBytes);
  if (flags & 1) fail(`entry "${name}" is encrypted`);
  if (method !== 0 && method !== 8)
    fail(`entry "${name}" is packed by method ${method}; read are 0 (stored) and 8 (deflate)`);
  if (method === 0 && size !== packedSize)
    fail(`entry "${name}" is stored, but has two sizes, ${packedSize} and ${size}`);
  return { name, method: method === 0 ? 'stored' : 'deflated', packedSize, size, offset };
}
