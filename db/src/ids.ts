import { randomBytes } from 'node:crypto';

/** The kinds of ids that people see, by prefix. */
export type IdPrefix = 'run' | 'lab' | 'usr';

/** Digits without those that look alike (0 and o, 1 and l). */
const digits = '23456789abcdefghijkmnpqrstuvwxyz';

/**
 * A new random id of a kind: 20 digits of 5 bits after the prefix, so that an id tells what it names and is safe in a URL.
 *
 * @example mintId('run') // "run_7hq2m9c4v8x3k5n2w6pd"
 */
export function mintId(prefix: IdPrefix): string {
  let text = '';
  for (const byte of randomBytes(20)) text += digits[byte & 31];
  return `${prefix}_${text}`;
}

/** True when `id` has the form of ids of this kind. */
export const isIdOf = (prefix: IdPrefix, id: string): boolean =>
  id.startsWith(`${prefix}_`) && new RegExp(`^[${digits}]{20}$`).test(id.slice(prefix.length + 1));
