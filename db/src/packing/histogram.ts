import type { Histogram } from '@monosema/catalog';
import { ByteReader, ByteWriter } from './byte-stream.ts';

/**
 * The ends as float32, then the counts as varints: a bin that few tokens fall into takes one byte. Version 1 begins at 0
 * and has no bars of its own.
 */
export function packHistogram(histogram: Histogram): Uint8Array {
  const writer = new ByteWriter();
  writeHistogram(writer, histogram);
  return writer.finish();
}

/** Reads packHistogram's bytes. @throws CorruptBytesError */
export function unpackHistogram(bytes: Uint8Array): Histogram {
  const reader = new ByteReader(bytes, 'packed histogram');
  const histogram = readHistogram(reader);
  reader.end();
  return histogram;
}

/** @throws RangeError when there are not as many bars as counts */
export function writeHistogram(writer: ByteWriter, { minimum, maximum, counts, bars }: Histogram): void {
  if (bars && bars.length !== counts.length)
    throw new RangeError(`a histogram has ${counts.length} counts, but ${bars.length} bars`);
  const version = minimum === 0 && !bars ? 1 : 2;
  writer.byte(version);
  if (version === 2) writer.float32(minimum);
  writer.float32(maximum);
  writer.varint(counts.length);
  for (const count of counts) writer.varint(count);
  if (version === 1) return;
  writer.byte(bars ? 1 : 0);
  for (const bar of bars ?? []) writer.float32(bar);
}

export function readHistogram(reader: ByteReader): Histogram {
  const version = reader.version(1, 2);
  const minimum = version === 1 ? 0 : reader.float32();
  const maximum = reader.float32();
  const counts = Array.from({ length: reader.count(1) }, () => reader.varint());
  if (version === 1 || reader.byte() === 0) return { minimum, maximum, counts };
  return { minimum, maximum, counts, bars: counts.map(() => reader.float32()) };
}
