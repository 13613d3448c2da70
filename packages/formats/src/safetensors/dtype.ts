import { numberBytes } from '../number-type.ts';

/**
 * Bytes per number of every whole-byte dtype of the format. A file may hold tensors of dtypes that are not decoded (8-bit
 * floats, complex numbers) beside those that are wanted.
 */
export const dtypeBytes: Readonly<Record<string, number>> = {
  ...numberBytes,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  C64: 8,
};
