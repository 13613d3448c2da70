import { fixedCount } from '../src/dims.ts';

/** An array of `scale` times noise. Its length matters, not its quality: a block is repeated. */
export function noise(shape: number[], scale = 1): { data: Float32Array; shape: number[] } {
  const data = new Float32Array(fixedCount(shape));
  let seed = 1;
  const block = Math.min(data.length, 65_521);
  for (let i = 0; i < block; i++) {
    seed = (seed * 48271) % 2147483647;
    data[i] = (seed / 2147483647 - 0.5) * 2 * scale;
  }
  for (let filled = block; filled < data.length; filled *= 2) data.copyWithin(filled, 0, filled);
  return { data, shape };
}
