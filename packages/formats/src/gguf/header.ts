import { ByteCursor } from '../byte-cursor.ts';
import { elementCount } from '../named-array.ts';
import type { NumberType } from '../number-type.ts';
import type { TensorInfo } from '../tensor-file.ts';
import type { BlockType } from './block-type.ts';
import { ggufLimits as limits } from './limits.ts';
import { readMetadata, type GgufValue } from './metadata.ts';
import { blockOf, otherTypes, tensorTypes, typeName } from './tensor-type.ts';

/** One tensor of a file: its numbers are bytes `begin` to `end` of it. */
export interface GgufTensor extends TensorInfo {
  readonly begin: number;
  readonly end: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly types: ReadonlyMap<string, NumberType | BlockType>;
}

/** Reads and checks what comes before the numbers of a file of `fileBytes` bytes, from the first part of it. */
export function parseHeader(bytes: Uint8Array, fileBytes: number): GgufHeader {
  const cursor = new ByteCursor('gguf', bytes);
  if (bytes.length < 4 || new TextDecoder('latin1').decode(cursor.bytes(4)) !== 'GGUF')
    cursor.fail('the file does not begin with "GGUF"');
  const version = cursor.u32();
  // A small number from the other end is a large one.
  if (version >= 2 ** 24 && (version & 0xffff) === 0) cursor.fail('numbers of a big-endian machine');
  if (version !== 2 && version !== 3) cursor.fail(`version ${version}; read are 2 and 3`);
  const tensorCount = cursor.size('the number of tensors');
  if (tensorCount > limits.tensors) cursor.fail(`${tensorCount} tensors, at most ${limits.tensors} are read`);
  const metadata = readMetadata(cursor, cursor.size('the number of metadata keys'));
  const alignment = alignmentOf(cursor, metadata.get('general.alignment'));
  const listed = Array.from({ length: tensorCount }, () => readTensorInfo(cursor, alignment));
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, type, shape, offset, bytes: length } of listed) {
    if (tensors.has(name)) cursor.fail(`tensor "${name}" stands twice`);
    const begin = dataStart + offset;
    tensors.set(name, { dtype: typeName(type), shape, begin, end: begin + length });
  }
  checkLayout(cursor, tensors, fileBytes);
  return { version, metadata, tensors, types: new Map(listed.map(({ name, type }) => [name, type])) };
}

function alignmentOf(cursor: ByteCursor, value: GgufValue = 32): number {
  const fits =
    typeof value === 'number' && value >= 1 && value <= limits.alignment && Number.isInteger(Math.log2(value));
  return fits
    ? value
    : cursor.fail(`general.alignment is ${String(value)}, but must be a power of two up to ${limits.alignment}`);
}

interface ListedTensor {
  name: string;
  type: NumberType | BlockType;
  shape: number[];
  offset: number;
  bytes: number;
}

function readTensorInfo(cursor: ByteCursor, alignment: number): ListedTensor {
  const nameBytes = cursor.size('the length of a tensor name');
  if (nameBytes > limits.nameBytes)
    cursor.fail(`a tensor name of ${nameBytes} bytes, at most ${limits.nameBytes} are read`);
  const name = cursor.text(nameBytes, 'a tensor name');
  const rank = cursor.u32();
  if (rank > limits.rank) cursor.fail(`tensor "${name}" has ${rank} dimensions, at most ${limits.rank} are read`);
  // The file begins with the size of neighbours in memory.
  const shape = Array.from({ length: rank }, () => cursor.size(`a size of tensor "${name}"`)).reverse();
  const number = cursor.u32();
  const type = tensorTypes.get(number);
  if (type === undefined) {
    const known = Array.from(tensorTypes.values(), typeName).join(', ');
    return cursor.fail(`tensor "${name}" has type ${otherTypes[number] ?? number}; read are ${known}`);
  }
  const offset = cursor.size(`the place of tensor "${name}"`);
  if (offset % alignment !== 0)
    cursor.fail(`tensor "${name}" begins at byte ${offset} of the data, no multiple of ${alignment}`);
  const { numbers, bytes } = blockOf(type);
  const row = shape.at(-1) ?? 1;
  if (row % numbers !== 0)
    cursor.fail(`tensor "${name}" of type ${typeName(type)} has rows of ${row}, no multiple of ${numbers}`);
  const total = (elementCount(shape) / numbers) * bytes;
  if (!(total < 2 ** 52)) cursor.fail(`tensor "${name}" has shape [${shape.join(', ')}]`);
  return { name, type, shape, offset, bytes: total };
}

/** No byte belongs to two tensors, and none lies behind the end; between them there may be padding. */
function checkLayout(cursor: ByteCursor, tensors: ReadonlyMap<string, GgufTensor>, fileBytes: number): void {
  let covered = 0;
  for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (end > fileBytes) cursor.fail(`tensor "${name}" ends at byte ${end}, but the file has ${fileBytes}`);
    if (begin < covered) cursor.fail(`tensor "${name}" begins at byte ${begin}, inside the tensor before it`);
    covered = end;
  }
}
