import { InvalidArgumentError } from 'commander';

/** A whole number, also written as 2e6 or 2_000_000. */
export function wholeNumber(text: string): number {
  const value = numberFrom(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError(`"${text}" is not a whole number of at least 0.`);
  return value;
}

export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('must be at least 1.');
  return value;
}

export function finiteNumber(text: string): number {
  const value = numberFrom(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

/** A share above 0, and at most 1. */
export function share(text: string): number {
  const value = finiteNumber(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('must be above 0 and at most 1.');
  return value;
}

/** An option that may be given several times. */
export const several = (text: string, previous: string[] = []): string[] => [...previous, text];

/** Values with commas between them; an option that may be given several times. */
export const listOf =
  <T>(parse: (text: string) => T) =>
  (text: string, previous: T[] = []): T[] => [...previous, ...text.split(',').map((part) => parse(part.trim()))];

export interface SteeringTerm {
  feature: number;
  strength: number;
}

/** FEATURE:STRENGTH, as in 123:4.5; may be given several times. */
export function steeringTerms(text: string, previous: SteeringTerm[] = []): SteeringTerm[] {
  const match = /^(\d+):(.+)$/.exec(text);
  const strength = numberFrom(match?.[2] ?? '');
  if (!match || !Number.isFinite(strength))
    throw new InvalidArgumentError(`"${text}" is not FEATURE:STRENGTH, as in 123:4.5.`);
  return [...previous, { feature: Number(match[1]), strength }];
}

function numberFrom(text: string): number {
  const plain = text.trim().replaceAll('_', '');
  return plain === '' ? Number.NaN : Number(plain);
}
