import { MalformedError } from '../import-error.ts';

/** Everything that follows the first occurrence of a text. @throws MalformedError when it does not occur */
export async function* afterMarker(pieces: AsyncIterable<Uint8Array>, marker: string): AsyncGenerator<Uint8Array> {
  const wanted = Buffer.from(marker);
  let found = false;
  let tail: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    if (found) {
      yield piece;
      continue;
    }
    const seen = Buffer.concat([tail, piece]);
    const at = seen.indexOf(wanted);
    if (at < 0) {
      tail = seen.subarray(Math.max(0, seen.length - wanted.length + 1));
      continue;
    }
    found = true;
    if (at + wanted.length < seen.length) yield seen.subarray(at + wanted.length);
  }
  if (!found) throw new MalformedError(`the file holds no ${JSON.stringify(marker)}`);
}
