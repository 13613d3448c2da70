import { noDetails, type Correlate, type DecoderView, type FeatureDetails } from '@monosema/catalog';
import { ByteReader, ByteWriter } from './byte-stream.ts';
import { readHistogram, writeHistogram } from './histogram.ts';
import { readList, readOptional, writeList, writeOptional } from './lists.ts';

/** Which parts follow, in this order. */
const part = { moments: 1, logHistogram: 2, logitHistogram: 4, decoder: 8, coFiring: 16, neurons: 32 };

/** What a page shows beyond the numbers, in few bytes: parts that are absent take none. Numbers are rounded to float32. */
export function packDetails(details: FeatureDetails): Uint8Array {
  const { moments, logHistogram, logitHistogram, decoder, coFiring, neurons } = details;
  const writer = new ByteWriter();
  writer.byte(1);
  writer.byte(
    (moments ? part.moments : 0) |
      (logHistogram ? part.logHistogram : 0) |
      (logitHistogram ? part.logitHistogram : 0) |
      (decoder ? part.decoder : 0) |
      (coFiring.length > 0 ? part.coFiring : 0) |
      (neurons.length > 0 ? part.neurons : 0),
  );
  if (moments) for (const value of [moments.variance, moments.skewness, moments.kurtosis]) writer.float32(value);
  if (logHistogram) writeHistogram(writer, logHistogram);
  if (logitHistogram) writeHistogram(writer, logitHistogram);
  if (decoder) writeDecoder(writer, decoder);
  if (coFiring.length > 0) writeCorrelates(writer, coFiring);
  if (neurons.length > 0) writeCorrelates(writer, neurons);
  return writer.finish();
}

/** Reads packDetails' bytes; null is what a row has that was written before there were details. @throws CorruptBytesError */
export function unpackDetails(bytes: Uint8Array | null): FeatureDetails {
  if (bytes === null) return noDetails;
  const reader = new ByteReader(bytes, 'packed details');
  reader.version(1);
  const parts = reader.byte();
  const has = (name: keyof typeof part): boolean => (parts & part[name]) !== 0;
  const details: FeatureDetails = {
    moments: has('moments')
      ? { variance: reader.float32(), skewness: reader.float32(), kurtosis: reader.float32() }
      : null,
    logHistogram: has('logHistogram') ? readHistogram(reader) : null,
    logitHistogram: has('logitHistogram') ? readHistogram(reader) : null,
    decoder: has('decoder') ? readDecoder(reader) : null,
    coFiring: has('coFiring') ? readCorrelates(reader) : [],
    neurons: has('neurons') ? readCorrelates(reader) : [],
  };
  reader.end();
  return details;
}

function writeDecoder(writer: ByteWriter, { norm, alignment, nearest, headShares }: DecoderView): void {
  writeOptional(writer, norm);
  writeList(writer, alignment, ({ dimension, value, share }) => {
    writer.varint(dimension);
    writer.float32(value);
    writer.float32(share);
  });
  writeList(writer, nearest, ({ index, cosine }) => {
    writer.varint(index);
    writer.float32(cosine);
  });
  writeList(writer, headShares, (share) => writer.float32(share));
}

const readDecoder = (reader: ByteReader): DecoderView => ({
  norm: readOptional(reader),
  alignment: readList(reader, 9, () => ({
    dimension: reader.varint(),
    value: reader.float32(),
    share: reader.float32(),
  })),
  nearest: readList(reader, 5, () => ({ index: reader.varint(), cosine: reader.float32() })),
  headShares: readList(reader, 4, () => reader.float32()),
});

const writeCorrelates = (writer: ByteWriter, correlates: readonly Correlate[]): void =>
  writeList(writer, correlates, ({ index, pearson, cosine }) => {
    writer.varint(index);
    writer.float32(pearson);
    writer.float32(cosine);
  });

const readCorrelates = (reader: ByteReader): Correlate[] =>
  readList(reader, 9, () => ({ index: reader.varint(), pearson: reader.float32(), cosine: reader.float32() }));
