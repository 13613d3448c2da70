import type { ActivationHistogram, FeatureExample, TokenValue } from '@monosema/catalog';
import { ByteReader, ByteWriter } from './byte-stream.ts';

/** First byte of every packing below. */
const version = 1;

/** Activations are kept as this many steps of the example's maximum. */
const fractionSteps = 65_535;

/**
 * A feature's examples in few bytes: per example its context, its maximum as float32, its positions as differences, and
 * its activations as 16-bit fractions of the maximum. Order is kept, contexts and positions are exact, maxima are
 * rounded to float32, activations are within 1e-4 of the maximum (2e-5 in fact) and stay positive.
 *
 * @throws RangeError when positions do not ascend, `position` is none of them, or a value is not in (0, maximum]
 */
export function packExamples(examples: readonly FeatureExample[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(version);
  writer.varint(examples.length);
  for (const example of examples) writeExample(writer, example);
  return writer.finish();
}

function writeExample(writer: ByteWriter, { context, position, maximum, positions, values }: FeatureExample): void {
  const peak = positions.indexOf(position);
  if (peak < 0) throw new RangeError(`the example in context ${context} does not fire at its own maximum, ${position}`);
  if (values.length !== positions.length)
    throw new RangeError(
      `the example in context ${context} has ${positions.length} positions, ${values.length} values`,
    );
  if (!(Math.fround(maximum) > 0))
    throw new RangeError(`the maximum in context ${context} is ${maximum}, not positive`);
  writer.varint(context);
  writer.float32(maximum);
  writer.varint(positions.length);
  writer.varint(peak);
  positions.forEach((at, i) => writer.varint(i === 0 ? at : at - positions[i - 1]! - 1));
  values.forEach((value, i) => {
    // The peak's own value is the maximum.
    if (i !== peak) writer.uint16(fractionOf(value, maximum, context));
  });
}

function fractionOf(value: number, maximum: number, context: number): number {
  // A maximum that was rounded to float32 elsewhere may fall just short of its value.
  const fraction = value / maximum;
  if (!(fraction > 0 && fraction < 1 + 1e-6))
    throw new RangeError(`activation ${value} in context ${context} is not in (0, ${maximum}], up to the maximum`);
  // What fires stays positive, however weakly it fires.
  return Math.min(fractionSteps, Math.max(1, Math.round(fraction * fractionSteps)));
}

/** Reads packExamples' bytes. @throws CorruptBytesError */
export function unpackExamples(bytes: Uint8Array): FeatureExample[] {
  const reader = new ByteReader(bytes, 'packed examples');
  reader.version(version);
  const examples = Array.from({ length: reader.count(8) }, () => readExample(reader));
  reader.end();
  return examples;
}

function readExample(reader: ByteReader): FeatureExample {
  const context = reader.varint();
  const maximum = reader.float32();
  const count = reader.count(1);
  const peak = reader.varint();
  if (peak >= count || maximum <= 0) throw reader.corrupt('an example has no maximum');
  const positions: number[] = [];
  for (let i = 0, at = -1; i < count; i++) positions.push((at += reader.varint() + 1));
  const values = positions.map((_, i) => (i === peak ? maximum : (reader.uint16() / fractionSteps) * maximum));
  return { context, position: positions[peak]!, maximum, positions, values };
}

/** Tokens and values: ids as varints, then the values as float32. Order is kept. */
export function packTokenValues(rows: readonly TokenValue[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(version);
  writer.varint(rows.length);
  for (const { token } of rows) writer.varint(token);
  for (const { value } of rows) writer.float32(value);
  return writer.finish();
}

/** Reads packTokenValues' bytes. @throws CorruptBytesError */
export function unpackTokenValues(bytes: Uint8Array): TokenValue[] {
  const reader = new ByteReader(bytes, 'packed tokens');
  reader.version(version);
  const tokens = Array.from({ length: reader.count(5) }, () => reader.varint());
  const rows = tokens.map((token) => ({ token, value: reader.float32() }));
  reader.end();
  return rows;
}

/** The maximum as float32, then the counts as varints: a bin that few tokens fall into takes one byte. */
export function packHistogram({ maximum, counts }: ActivationHistogram): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(version);
  writer.float32(maximum);
  writer.varint(counts.length);
  for (const count of counts) writer.varint(count);
  return writer.finish();
}

/** Reads packHistogram's bytes. @throws CorruptBytesError */
export function unpackHistogram(bytes: Uint8Array): ActivationHistogram {
  const reader = new ByteReader(bytes, 'packed histogram');
  reader.version(version);
  const maximum = reader.float32();
  const counts = Array.from({ length: reader.count(1) }, () => reader.varint());
  reader.end();
  return { maximum, counts };
}

/** A context's token ids as little-endian int32. */
export function packTokens(tokens: Int32Array): Uint8Array {
  const bytes = new Uint8Array(tokens.length * 4);
  const view = new DataView(bytes.buffer);
  tokens.forEach((token, i) => view.setInt32(i * 4, token, true));
  return bytes;
}

/** Reads packTokens' bytes. @throws CorruptBytesError */
export function unpackTokens(bytes: Uint8Array): Int32Array {
  const reader = new ByteReader(bytes, 'packed context');
  if (bytes.length % 4 !== 0) throw reader.corrupt('a context is a row of 4-byte tokens');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(i * 4, true));
}
