import { createHash } from 'node:crypto';
import type { Model } from '@monosema/model';

/** Numbers of each weight that are looked at. */
const SAMPLES = 256;

/**
 * SHA-256 of the names, shapes and 256 numbers of every weight. Other checkpoints and other weight processing have
 * another; nobody has to read a whole model for it.
 */
export function modelFingerprint({ weights }: Pick<Model, 'weights'>): string {
  const hash = createHash('sha256');
  for (const [name, { data, shape }] of Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const count = Math.min(SAMPLES, data.length);
    const sample = Float64Array.from({ length: count }, (_, i) => data[Math.floor((i * data.length) / count)]!);
    hash.update(`${name}[${shape.join()}]`).update(new Uint8Array(sample.buffer));
  }
  return hash.digest('hex');
}

/** SHA-256 of token ids, one context after the other. */
export function tokensDigest(contexts: readonly Int32Array[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of contexts)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
