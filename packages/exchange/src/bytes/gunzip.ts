import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/**
 * The content of a file that may be compressed by gzip, piece by piece. Whether it is shows in its first two bytes, not in
 * its name: a server that stores `Content-Encoding: gzip` has its `.gz` files unpacked on the way.
 *
 * @throws zlib's error when the compressed bytes end early or are not what their checksum says
 */
export async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    const head = await firstBytes(iterator);
    const whole = chained(head, iterator);
    if (!(head[0] === 0x1f && head[1] === 0x8b)) return yield* whole;
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    const piped = pipeline(Readable.from(whole), gunzip);
    // Its error comes out of the loop below.
    piped.catch(() => undefined);
    for await (const piece of gunzip) yield piece as Uint8Array;
    await piped;
  } finally {
    await iterator.return?.();
  }
}

/** At least two bytes, where there are two. */
async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* chained(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
