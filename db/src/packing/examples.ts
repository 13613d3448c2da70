import type { ExampleGroup, FeatureExample } from '@monosema/catalog';
import { ByteReader, ByteWriter } from './byte-stream.ts';
import { readGroup, writeGroup } from './groups.ts';
import { readList, writeList } from './lists.ts';

/** Activations are kept as this many steps of the example's maximum, or of its largest magnitude when it has signs. */
const fractionSteps = 65_535;
const signedSteps = 32_767;

/** What an example's first byte says of the rest; version 1 had no such byte, and all were 0. */
const flag = { exact: 1, signed: 2, attribution: 4, lossEffects: 8 } as const;

export interface PackOptions {
  /** Keep activations as float32: what an import brought must come back as it was. */
  exact?: boolean;
}

/** A feature's examples, and why each is shown. */
export interface GroupedExamples {
  examples: readonly FeatureExample[];
  groups: readonly ExampleGroup[];
}

/**
 * A feature's examples in few bytes: per example its context, its maximum as float32, its positions as differences, and
 * its activations as 16-bit fractions of the maximum. Order is kept, contexts and positions are exact, maxima are
 * rounded to float32, activations are within 1e-4 of the maximum (2e-5 in fact) and stay positive. Where an activation
 * is negative, as a neuron's may be, they are fractions of the largest magnitude with a sign.
 *
 * @throws RangeError when positions do not ascend, `position` is none of them though something fires, or a value is not
 *   in [-…, maximum]
 */
export function packExamples({ examples, groups }: GroupedExamples, options: PackOptions = {}): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(2);
  writer.varint(examples.length);
  for (const example of examples) writeExample(writer, example, options);
  writeList(writer, groups, (group) => writeGroup(writer, group));
  return writer.finish();
}

function writeExample(writer: ByteWriter, example: FeatureExample, { exact = false }: PackOptions): void {
  const { context, position, maximum, positions, values, attribution, lossEffects } = example;
  const peak = checkedPeak(example, exact);
  const signed = !exact && values.some((value) => value < 0);
  writer.byte(
    (exact ? flag.exact : 0) |
      (signed ? flag.signed : 0) |
      (attribution ? flag.attribution : 0) |
      (lossEffects ? flag.lossEffects : 0),
  );
  writer.varint(context);
  writer.float32(maximum);
  writer.varint(positions.length);
  // Nothing fires at an import's position if its values there are 0.
  if (exact) writer.varint(position);
  else writer.varint(peak);
  positions.forEach((at, i) => writer.varint(i === 0 ? at : at - positions[i - 1]! - 1));
  if (exact) for (const value of values) writer.float32(value);
  else if (signed) writeSigned(writer, values);
  else {
    values.forEach((value, i) => {
      // The peak's own value is the maximum.
      if (i !== peak) writer.uint16(fractionOf(value, maximum, context));
    });
  }
  if (attribution) {
    writer.varint(attribution.target);
    writeFloats(writer, attribution.values);
  }
  if (lossEffects) writeFloats(writer, lossEffects);
}

function checkedPeak({ context, position, maximum, positions, values }: FeatureExample, exact: boolean): number {
  const peak = positions.indexOf(position);
  const where = `the example in context ${context}`;
  if (values.length !== positions.length)
    throw new RangeError(`${where} has ${positions.length} positions, ${values.length} values`);
  if (exact) return peak;
  if (peak < 0) throw new RangeError(`${where} does not fire at its own maximum, ${position}`);
  const isSigned = values.some((value) => value < 0);
  if (!isSigned && !(Math.fround(maximum) > 0))
    throw new RangeError(`the maximum in context ${context} is ${maximum}, not positive`);
  return peak;
}

function fractionOf(value: number, maximum: number, context: number): number {
  // A maximum that was rounded to float32 elsewhere may fall just short of its value.
  const fraction = value / maximum;
  if (!(fraction > 0 && fraction < 1 + 1e-6))
    throw new RangeError(`activation ${value} in context ${context} is not in (0, ${maximum}], up to the maximum`);
  // What fires stays positive, however weakly it fires.
  return Math.min(fractionSteps, Math.max(1, Math.round(fraction * fractionSteps)));
}

function writeSigned(writer: ByteWriter, values: readonly number[]): void {
  const scale = Math.max(...values.map(Math.abs));
  writer.float32(scale);
  for (const value of values) writer.int16(Math.round((value / scale) * signedSteps) || Math.sign(value));
}

function writeFloats(writer: ByteWriter, values: readonly number[]): void {
  writer.varint(values.length);
  for (const value of values) writer.float32(value);
}

/** Reads packExamples' bytes, also those of its first version. @throws CorruptBytesError */
export function unpackExamples(bytes: Uint8Array): { examples: FeatureExample[]; groups: ExampleGroup[] } {
  const reader = new ByteReader(bytes, 'packed examples');
  const version = reader.version(1, 2);
  const examples = Array.from({ length: reader.count(version === 1 ? 8 : 7) }, () =>
    readExample(reader, version === 1 ? 0 : reader.byte()),
  );
  const groups = version === 1 ? [] : readList(reader, 5, () => readGroup(reader));
  reader.end();
  return { examples, groups };
}

function readExample(reader: ByteReader, flags: number): FeatureExample {
  if (flags > 15) throw reader.corrupt(`an example is of kind ${flags}`);
  const context = reader.varint();
  const maximum = reader.float32();
  const count = reader.count(1);
  const exact = (flags & flag.exact) !== 0;
  const place = reader.varint();
  if (!exact && (place >= count || (maximum <= 0 && !(flags & flag.signed))))
    throw reader.corrupt('an example has no maximum');
  const positions: number[] = [];
  for (let i = 0, at = -1; i < count; i++) positions.push((at += reader.varint() + 1));
  const values = exact ? positions.map(() => reader.float32()) : readFractions(reader, flags, place, maximum, count);
  const example = { context, position: exact ? place : positions[place]!, maximum, positions, values };
  if (flags === 0 || flags === flag.exact) return example;
  return {
    ...example,
    ...(flags & flag.attribution && { attribution: { target: reader.varint(), values: readFloats(reader) } }),
    ...(flags & flag.lossEffects && { lossEffects: readFloats(reader) }),
  };
}

function readFractions(reader: ByteReader, flags: number, peak: number, maximum: number, count: number): number[] {
  const ofAll = <T>(read: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => read(i));
  if (!(flags & flag.signed)) return ofAll((i) => (i === peak ? maximum : (reader.uint16() / fractionSteps) * maximum));
  const scale = reader.float32();
  const values = ofAll(() => (reader.int16() / signedSteps) * scale);
  values[peak] = maximum;
  return values;
}

const readFloats = (reader: ByteReader): number[] => Array.from({ length: reader.count(4) }, () => reader.float32());
