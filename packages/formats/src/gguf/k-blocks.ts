import type { BlockType } from './block-type.ts';

/*
 * Blocks of 256 numbers in groups of 16 or 32 that have a scale each, itself a small whole number times the block's d; the
 * types with a minimum have one per group too, times the block's dmin. The low bits of 64 or 128 numbers share bytes.
 * Layouts: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
 */

/** 16 groups: 4-bit scales and minima [16], 2-bit numbers [64], d, dmin. */
export const q2_k: BlockType = {
  name: 'Q2_K',
  numbers: 256,
  bytes: 84,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at + 80);
    const dmin = half(at + 82);
    for (let group = 0; group < 16; group++) {
      const packed = bytes[at + group]!;
      const scale = d * (packed & 15);
      const minimum = dmin * (packed >> 4);
      const { from, shift } = placeOfTwoBits(group);
      for (let i = 0; i < 16; i++)
        into[to + 16 * group + i] = scale * ((bytes[at + 16 + from + i]! >> shift) & 3) - minimum;
    }
  },
};

/** 16 groups: third bits [32], 2-bit numbers [64], 6-bit scales less 32 [12], d. */
export const q3_k: BlockType = {
  name: 'Q3_K',
  numbers: 256,
  bytes: 110,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at + 108);
    for (let group = 0; group < 16; group++) {
      const low = group < 8 ? bytes[at + 96 + group]! & 15 : bytes[at + 88 + group]! >> 4;
      const high = (bytes[at + 104 + (group & 3)]! >> (2 * (group >> 2))) & 3;
      const scale = d * ((low | (high << 4)) - 32);
      const { from, shift } = placeOfTwoBits(group);
      // Bit n of byte i is the third bit of number 32 n + i; where it is not set, 4 is taken off.
      const third = group >> 1;
      for (let i = 0; i < 16; i++) {
        const high = (bytes[at + (from & 31) + i]! >> third) & 1;
        into[to + 16 * group + i] = scale * (((bytes[at + 32 + from + i]! >> shift) & 3) - (high ? 0 : 4));
      }
    }
  },
};

/** Groups of 16 in turn: two in neighbouring halves of 32 bytes, four pairs of them by shifts, twice. */
const placeOfTwoBits = (group: number): { from: number; shift: number } => ({
  from: 32 * (group >> 3) + 16 * (group & 1),
  shift: 2 * ((group >> 1) & 3),
});

/** 8 groups: d, dmin, 6-bit scales and minima [12], 4-bit numbers [128]. */
export const q4_k: BlockType = {
  name: 'Q4_K',
  numbers: 256,
  bytes: 144,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at);
    const dmin = half(at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * scaleOf(bytes, at + 4, group);
      const minimum = dmin * minimumOf(bytes, at + 4, group);
      const from = at + 16 + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let i = 0; i < 32; i++) into[to + 32 * group + i] = scale * ((bytes[from + i]! >> shift) & 15) - minimum;
    }
  },
};

/** 8 groups: d, dmin, 6-bit scales and minima [12], fifth bits [32], 4-bit numbers [128]. */
export const q5_k: BlockType = {
  name: 'Q5_K',
  numbers: 256,
  bytes: 176,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at);
    const dmin = half(at + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * scaleOf(bytes, at + 4, group);
      const minimum = dmin * minimumOf(bytes, at + 4, group);
      const from = at + 48 + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let i = 0; i < 32; i++) {
        const fifth = (bytes[at + 16 + i]! >> group) & 1;
        into[to + 32 * group + i] = scale * (((bytes[from + i]! >> shift) & 15) | (fifth << 4)) - minimum;
      }
    }
  },
};

/** 6 bits of group 0 to 7 in 12 bytes: those of the first four whole, those of the last in two parts. */
const scaleOf = (bytes: Uint8Array, at: number, group: number): number =>
  group < 4 ? bytes[at + group]! & 63 : (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);
const minimumOf = (bytes: Uint8Array, at: number, group: number): number =>
  group < 4 ? bytes[at + group + 4]! & 63 : (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4);

/** 16 groups: low 4 bits [128], high 2 bits [64], 8-bit scales [16], d. Numbers are less 32. */
export const q6_k: BlockType = {
  name: 'Q6_K',
  numbers: 256,
  bytes: 210,
  unpack({ bytes, signed, half }, at, into, to) {
    const d = half(at + 208);
    for (let group = 0; group < 16; group++) {
      const scale = d * signed[at + 192 + group]!;
      const upper = group >> 3; // half of the block
      const quarter = (group >> 1) & 3;
      const inQuarter = 16 * (group & 1);
      const low = at + 64 * upper + 32 * (quarter & 1) + inQuarter;
      const high = at + 128 + 32 * upper + inQuarter;
      for (let i = 0; i < 16; i++) {
        const four = (bytes[low + i]! >> (4 * (quarter >> 1))) & 15;
        const two = (bytes[high + i]! >> (2 * quarter)) & 3;
        into[to + 16 * group + i] = scale * ((four | (two << 4)) - 32);
      }
    }
  },
};

/** One float32 d, 8-bit numbers [256], sums of groups that only ggml's own kernels need. */
export const q8_k: BlockType = {
  name: 'Q8_K',
  numbers: 256,
  bytes: 292,
  unpack({ signed, view }, at, into, to) {
    const d = view.getFloat32(at, true);
    for (let i = 0; i < 256; i++) into[to + i] = d * signed[at + 4 + i]!;
  },
};
