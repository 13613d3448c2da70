import { crc32 } from 'node:zlib';
import { concatBytes } from '../protobuf.ts';

// LevelDB's log format (doc/log_format.md of its repository), with plain CRC-32 checksums and a header of seven bytes in
// the first block: what wandb calls a transaction log.

const BLOCK = 32_768;
/** Checksum, length and kind before every fragment. */
const HEADER = 7;
const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** What a file begins with. */
export const fileHeader = Uint8Array.of(...new TextEncoder().encode(':W&B'), 0xe1, 0xbe, 0);

/** The bytes of a record that begins at `position` of the file: cut where blocks end, which are filled with zeros. */
export function recordBytes(record: Uint8Array, position: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = position;
  let done = 0;
  // A record without bytes has a fragment all the same.
  for (let first = true; first || done < record.length;) {
    const left = BLOCK - (at % BLOCK);
    const length = Math.min(record.length - done, left - HEADER);
    if (length < 0) parts.push(new Uint8Array(left));
    else {
      const ends = done + length === record.length;
      const kind = first ? (ends ? kinds.full : kinds.first) : ends ? kinds.last : kinds.middle;
      parts.push(fragment(kind, record.subarray(done, done + length)));
      done += length;
      first = false;
    }
    at += length < 0 ? left : HEADER + length;
  }
  return concatBytes(parts);
}

function fragment(kind: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER + body.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, crc32(body, crc32(Uint8Array.of(kind))), true);
  view.setUint16(4, body.length, true);
  out[6] = kind;
  out.set(body, HEADER);
  return out;
}
