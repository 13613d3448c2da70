import type { BlockType } from './block-type.ts';

/*
 * Blocks of 32 numbers with a half precision scale d and, in the types that end in 1, a minimum m: q · d, or q · d + m.
 * Two 4-bit numbers share a byte, number i and number i + 16; the fifth bits lie together in 32 bits before them.
 * Layouts: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
 */

export const q4_0: BlockType = {
  name: 'Q4_0',
  numbers: 32,
  bytes: 18,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i]!;
      into[to + i] = d * ((pair & 15) - 8);
      into[to + 16 + i] = d * ((pair >> 4) - 8);
    }
  },
};

export const q4_1: BlockType = {
  name: 'Q4_1',
  numbers: 32,
  bytes: 20,
  unpack({ bytes, half }, at, into, to) {
    const d = half(at);
    const m = half(at + 2);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i]!;
      into[to + i] = d * (pair & 15) + m;
      into[to + 16 + i] = d * (pair >> 4) + m;
    }
  },
};

export const q5_0: BlockType = {
  name: 'Q5_0',
  numbers: 32,
  bytes: 22,
  unpack({ bytes, view, half }, at, into, to) {
    const d = half(at);
    const fifth = view.getUint32(at + 2, true);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 6 + i]!;
      into[to + i] = d * (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16);
      into[to + 16 + i] = d * (((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16);
    }
  },
};

export const q5_1: BlockType = {
  name: 'Q5_1',
  numbers: 32,
  bytes: 24,
  unpack({ bytes, view, half }, at, into, to) {
    const d = half(at);
    const m = half(at + 2);
    const fifth = view.getUint32(at + 4, true);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 8 + i]!;
      into[to + i] = d * ((pair & 15) | (((fifth >>> i) & 1) << 4)) + m;
      into[to + 16 + i] = d * ((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m;
    }
  },
};

export const q8_0: BlockType = {
  name: 'Q8_0',
  numbers: 32,
  bytes: 34,
  unpack({ signed, half }, at, into, to) {
    const d = half(at);
    for (let i = 0; i < 32; i++) into[to + i] = d * signed[at + 2 + i]!;
  },
};
