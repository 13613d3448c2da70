import { bytesSource, type ByteSource } from './byte-source.ts';
import { FormatError } from './format-error.ts';
import type { TensorFile } from './tensor-file.ts';

/** A seeded generator of 32-bit numbers (xorshift), so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Values that sizes, counts and offsets break at. */
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0xfffe, 0x7fffffff, 0x80000000, 0xffffffff];

/** One to four damages: bytes changed, sizes replaced, parts copied elsewhere, cut out or put in, the end cut off. */
function damaged(good: Uint8Array, random: () => number, hot: readonly [number, number]): Uint8Array {
  let bytes = Uint8Array.from(good);
  // Most of a file are numbers, of which all are allowed: every other damage goes to its structure.
  const place = (): number =>
    random() % 2 === 0 ? hot[0] + (random() % (hot[1] - hot[0])) : random() % Math.max(1, bytes.length);
  for (let changes = 1 + (random() % 4); changes > 0; changes--) {
    const at = place() % Math.max(1, bytes.length);
    const length = 1 + (random() % 16);
    switch (random() % 8) {
      case 0: {
        const value = new Uint8Array(8);
        new DataView(value.buffer).setUint32(0, extremes[random() % extremes.length]!, true);
        if (random() % 4 === 0) value.fill(0xff, 4);
        bytes.set(value.subarray(0, Math.min(random() % 2 === 0 ? 4 : 8, bytes.length - at)), at);
        break;
      }
      case 1:
        bytes.copyWithin(at, place(), place());
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + length))]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      case 4:
        if (random() % 4 === 0) bytes = bytes.subarray(0, at);
        break;
      default:
        bytes[at] = random() & 0xff;
    }
  }
  return bytes;
}

export interface FuzzOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly good: Uint8Array;
  /** Where the structure of the file lies, which is damaged more often than its numbers. */
  readonly hot?: readonly [number, number];
  readonly open: (source: ByteSource) => Promise<TensorFile>;
  /** Bytes of numbers that a damaged file may come to, for each tensor. */
  readonly tensorBytes: number;
}

/**
 * Reads damaged files whole. Anything but numbers within bounds or a FormatError is thrown with the round and seed that
 * made it.
 */
export async function fuzz(options: FuzzOptions): Promise<{ refused: number; read: number }> {
  const random = randomNumbers(options.seed);
  const outcomes = { refused: 0, read: 0 };
  for (let round = 0; round < options.rounds; round++) {
    const bytes = damaged(options.good, random, options.hot ?? [0, options.good.length]);
    try {
      const file = await options.open(boundedSource(bytes));
      for (const [name, { shape }] of file.tensors) {
        const { data } = await file.read(name);
        if (data.length !== shape.reduce((product, size) => product * size, 1))
          throw new Error(`"${name}" has shape [${shape.join(', ')}] and ${data.length} numbers`);
        if (data.byteLength > options.tensorBytes) throw new Error(`"${name}" has ${data.byteLength} bytes`);
      }
      outcomes.read++;
    } catch (error) {
      if (!(error instanceof FormatError))
        throw new Error(`seed ${options.seed}, round ${round}: ${String(error)}`, { cause: error });
      outcomes.refused++;
    }
  }
  return outcomes;
}

/** A file that gives no byte that it does not have: a reader that asks for one has not checked. */
function boundedSource(bytes: Uint8Array): ByteSource {
  const { size, read } = bytesSource(bytes);
  return {
    size,
    read(begin, end) {
      if (!(begin >= 0 && begin <= end && end <= size))
        throw new Error(`bytes ${begin} to ${end} of ${size} were asked for`);
      return read(begin, end);
    },
  };
}
