/** Parts of a GGUF file, valid or not, written after the format's description. */
export const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
export const u64 = (value: number | bigint): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
export const text = (value: string | Uint8Array): Buffer =>
  Buffer.concat([u64(Buffer.from(value).length), Buffer.from(value)]);

/** A key with a value of a type given by its number. */
export const entry = (key: string, type: number, value: Uint8Array): Buffer =>
  Buffer.concat([text(key), u32(type), value]);

export interface MadeTensor {
  name?: string;
  /** As the file has it: neighbours first. */
  sizes?: readonly (number | bigint)[];
  type?: number;
  offset?: number | bigint;
}
const tensorInfo = ({ name = 'a', sizes = [2], type = 0, offset = 0 }: MadeTensor): Buffer =>
  Buffer.concat([text(name), u32(sizes.length), ...sizes.map(u64), u32(type), u64(offset)]);

export interface MadeFile {
  magic?: string;
  version?: number;
  tensors?: readonly MadeTensor[];
  entries?: readonly Buffer[];
  /** What the file says instead of how many there are. */
  tensorCount?: number | bigint;
  entryCount?: number | bigint;
  dataBytes?: number;
}

export function makeGguf(made: MadeFile): Buffer {
  const { magic = 'GGUF', version = 3, tensors = [], entries = [], dataBytes = 0 } = made;
  const header = Buffer.concat([
    Buffer.from(magic),
    u32(version),
    u64(made.tensorCount ?? tensors.length),
    u64(made.entryCount ?? entries.length),
    ...entries,
    ...tensors.map(tensorInfo),
  ]);
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), Buffer.alloc(dataBytes)]);
}
