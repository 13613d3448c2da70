import { concatBytes, protoMessage, type ProtoField } from '../protobuf.ts';
import { maskedCrc32c } from './crc32c.ts';

// tensorflow/core/util/event.proto and framework/summary.proto; TFRecord of tensorflow/core/lib/io/record_writer.

/** What a record is about. */
export type EventContent =
  | { kind: 'version' }
  /** Steps from here on that a reader has seen are void. */
  | { kind: 'restart' }
  | { kind: 'scalars'; scalars: Readonly<Record<string, number>> };

/** One record of an event file. */
export function eventRecord(seconds: number, step: number, content: EventContent): Uint8Array {
  // A field that is 0 is left out, as protocol buffers 3 have it.
  const at: ProtoField[] = step === 0 ? [] : [[2, 'int', step]];
  const event = protoMessage([[1, 'double', seconds], ...at, contentField(content)]);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(event.length), true);
  return concatBytes([length, checksum(length), event, checksum(event)]);
}

function contentField(content: EventContent): ProtoField {
  switch (content.kind) {
    case 'version':
      return [3, 'string', 'brain.Event:2'];
    case 'restart':
      return [7, 'message', protoMessage([[1, 'int', 1]])]; // SessionLog, START
    case 'scalars': {
      const values = Object.entries(content.scalars).map(([tag, value]): ProtoField => [
        1,
        'message',
        protoMessage([
          [1, 'string', tag],
          [2, 'float', value],
        ]),
      ]);
      return [5, 'message', protoMessage(values)];
    }
  }
}

function checksum(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, maskedCrc32c(bytes), true);
  return out;
}
