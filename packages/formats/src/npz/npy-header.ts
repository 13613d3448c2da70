import { ByteCursor } from '../byte-cursor.ts';
import { elementCount } from '../named-array.ts';
import { numberBytes, type NumberType } from '../number-type.ts';

/** What an .npy file may ask of us. */
export const npyLimits = { headerBytes: 65_536, rank: 8 } as const;

/** NumPy's codes of little-endian types, and of those of one byte. */
const types: Readonly<Record<string, NumberType>> = {
  '<f8': 'F64',
  '<f4': 'F32',
  '<f2': 'F16',
  '<i8': 'I64',
  '<i4': 'I32',
  '<i2': 'I16',
  '|i1': 'I8',
  '<u8': 'U64',
  '<u4': 'U32',
  '<u2': 'U16',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

export interface NpyHeader {
  readonly type: NumberType;
  readonly shape: readonly number[];
  /** Whether the first axis is the one of neighbours in memory. */
  readonly columnMajor: boolean;
  /** Where the numbers begin in the file. */
  readonly dataStart: number;
}

/**
 * Reads what stands before the numbers of an .npy file of `fileBytes` bytes: a Python dict of three entries, of which NumPy
 * writes only one form. Versions 1 to 3 of the format.
 *
 * @param bytes the first part of the file
 */
export function parseNpyHeader(name: string, bytes: Uint8Array, fileBytes: number): NpyHeader {
  const cursor = new ByteCursor(`npz: array "${name}"`, bytes);
  if (bytes.length < 10 || cursor.u8() !== 0x93 || new TextDecoder('latin1').decode(cursor.bytes(5)) !== 'NUMPY')
    cursor.fail('this is no .npy file');
  const version = cursor.u8();
  cursor.skip(1);
  if (version < 1 || version > 3) cursor.fail(`version ${version} of the format; read are 1 to 3`);
  const length = version === 1 ? cursor.u16() : cursor.u32();
  if (length > npyLimits.headerBytes)
    cursor.fail(`a header of ${length} bytes, at most ${npyLimits.headerBytes} are read`);
  const header = cursor.text(length, 'the header');
  const match =
    /^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(((?:\d+(?:, \d+)*,?)?)\), *\} *\n?$/.exec(header);
  if (!match)
    return cursor.fail(`a header that NumPy does not write for numbers: ${JSON.stringify(header.slice(0, 80))}`);
  const [, code = '', order, sizes = ''] = match;
  const type = Object.hasOwn(types, code) ? types[code] : undefined;
  if (!type) return cursor.fail(`type "${code}"; read are ${Object.keys(types).join(', ')}`);
  const shape = sizes.split(/, ?/).filter(Boolean).map(Number);
  if (shape.length > npyLimits.rank) cursor.fail(`${shape.length} axes, at most ${npyLimits.rank} are read`);
  const wanted = elementCount(shape) * numberBytes[type];
  if (wanted !== fileBytes - cursor.at)
    cursor.fail(
      `shape [${shape.join(', ')}] of type ${code} takes ${wanted} bytes, but there are ${fileBytes - cursor.at}`,
    );
  return { type, shape, columnMajor: order === 'True', dataStart: cursor.at };
}
