import { deflateRawSync } from 'node:zlib';

export interface MadeEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflated?: boolean;
  /** What the directory says instead of the truth. */
  readonly lie?: {
    size?: number;
    packedSize?: number;
    offset?: number;
    flags?: number;
    method?: number;
    name?: string;
  };
}

const bytesOf = (...fields: [value: number, bytes: 2 | 4][]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
};

/** A zip archive, valid or not, written after the format's description and by nothing of the reader's. */
export function makeZip(
  entries: readonly MadeEntry[],
  options: { zip64?: boolean; comment?: string } = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const length = (list: readonly Uint8Array[]): number => list.reduce((sum, part) => sum + part.length, 0);
  for (const { name, bytes, deflated = false, lie = {} } of entries) {
    const packed = deflated ? deflateRawSync(bytes) : bytes;
    const nameBytes = Buffer.from(name);
    const offset = lie.offset ?? length(parts);
    const method = lie.method ?? (deflated ? 8 : 0);
    const [packedSize, size] = [lie.packedSize ?? packed.length, lie.size ?? bytes.length];
    parts.push(
      bytesOf([0x04034b50, 4], [20, 2], [lie.flags ?? 0, 2], [method, 2], [0, 4], [0, 4]),
      bytesOf([packedSize, 4], [size, 4], [nameBytes.length, 2], [0, 2]),
      nameBytes,
      packed,
    );
    const said = Buffer.from(lie.name ?? name);
    const wide = options.zip64
      ? Buffer.concat([
          bytesOf([1, 2], [24, 2]),
          ...[size, packedSize, offset].map((value) => bytesOf([value, 4], [0, 4])),
        ])
      : new Uint8Array(0);
    const narrow = (value: number): [number, 4] => [options.zip64 ? 0xffffffff : value, 4];
    directory.push(
      bytesOf([0x02014b50, 4], [20, 2], [20, 2], [lie.flags ?? 0, 2], [method, 2], [0, 4], [0, 4]),
      bytesOf(
        narrow(packedSize),
        narrow(size),
        [said.length, 2],
        [wide.length, 2],
        [0, 2],
        [0, 4],
        [0, 4],
        narrow(offset),
      ),
      said,
      wide,
    );
  }
  const begin = length(parts);
  const size = length(directory);
  const end = begin + size;
  const wide = options.zip64
    ? [
        bytesOf([0x06064b50, 4], [44, 4], [0, 4], [45, 2], [45, 2], [0, 4], [0, 4]),
        ...[entries.length, entries.length, size, begin].map((value) => bytesOf([value, 4], [0, 4])),
        bytesOf([0x07064b50, 4], [0, 4], [end, 4], [0, 4], [1, 4]),
      ]
    : [];
  const count = options.zip64 ? 0xffff : entries.length;
  const comment = Buffer.from(options.comment ?? '');
  return Buffer.concat([
    ...parts,
    ...directory,
    ...wide,
    bytesOf([0x06054b50, 4], [0, 4], [count, 2], [count, 2]),
    bytesOf([options.zip64 ? 0xffffffff : size, 4], [options.zip64 ? 0xffffffff : begin, 4], [comment.length, 2]),
    comment,
  ]);
}
