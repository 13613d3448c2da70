import type { Row } from './records.ts';

/** A row that can't be used. The message names the field, what it holds and what is allowed. */
export class RowError extends Error {
  override readonly name = 'RowError';
}

const shown = (value: unknown): string => {
  const text = value == null ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const refuse = (field: string, value: unknown, allowed: string): never => {
  throw new RowError(`${field} is ${shown(value)}, not ${allowed}`);
};

/**
 * The fields of one row of JSON. Written by hand, for rows hold hundreds of numbers and come by the million; what is
 * missing and what is null are the same.
 */
export class Fields {
  readonly #row: Row;

  constructor(row: unknown, what = 'the row') {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) refuse(what, row, 'an object');
    this.#row = row as Row;
  }

  /** An index of a feature or a neuron: a number, or digits in a string. */
  index(field: string): number {
    const value = this.#row[field];
    const index = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
    return Number.isInteger(index) && (index as number) >= 0
      ? (index as number)
      : refuse(field, value, 'a whole number from 0');
  }

  string(field: string): string {
    return this.stringOrNull(field) ?? refuse(field, this.#row[field], 'a string');
  }

  stringOrNull(field: string): string | null {
    const value = this.#row[field] ?? null;
    return value === null || typeof value === 'string' ? value : refuse(field, value, 'a string');
  }

  number(field: string): number {
    return this.numberOrNull(field) ?? refuse(field, this.#row[field], 'a number');
  }

  numberOrNull(field: string): number | null {
    const value = this.#row[field] ?? null;
    if (value === 0) return 0;
    return value === null || typeof value === 'number' ? value : refuse(field, value, 'a number');
  }

  /** Numbers, NaN for those that are null, 0 for −0; empty when there is no such field. */
  numbers(field: string): number[] {
    const value = this.#row[field] ?? [];
    if (!Array.isArray(value)) return refuse(field, value, 'a list of numbers');
    const numbers = value as unknown[];
    for (let i = 0; i < numbers.length; i++) {
      if (typeof numbers[i] === 'number') {
        // Rounding left many a −0, which no JSON writer of JavaScript keeps.
        if (numbers[i] === 0) numbers[i] = 0;
        continue;
      }
      if (numbers[i] !== null) return refuse(`${field}[${i}]`, numbers[i], 'a number');
      numbers[i] = NaN;
    }
    return numbers as number[];
  }

  /** Whole numbers from 0 on. */
  indexes(field: string): number[] {
    const numbers = this.numbers(field);
    const wrong = numbers.findIndex((number) => !Number.isInteger(number) || number < 0);
    return wrong < 0 ? numbers : refuse(`${field}[${wrong}]`, numbers[wrong], 'a whole number from 0');
  }

  strings(field: string): string[] {
    const value = this.#row[field] ?? [];
    if (!Array.isArray(value)) return refuse(field, value, 'a list of strings');
    const wrong = value.findIndex((each) => typeof each !== 'string');
    return wrong < 0 ? (value as string[]) : refuse(`${field}[${wrong}]`, value[wrong], 'a string');
  }

  list(field: string): unknown[] {
    const value = this.#row[field] ?? [];
    return Array.isArray(value) ? value : refuse(field, value, 'a list');
  }

  object(field: string): Fields {
    return new Fields(this.#row[field] ?? null, field);
  }

  has(field: string): boolean {
    return (this.#row[field] ?? null) !== null;
  }

  raw(field: string): unknown {
    return this.#row[field] ?? null;
  }
}

/** Parallel lists as one list. @throws RowError when their lengths differ */
export function zipped<T>(lists: Record<string, readonly unknown[]>, row: (i: number) => T): T[] {
  const lengths = Object.entries(lists).map(([field, list]) => [field, list.length] as const);
  const [first, ...others] = lengths;
  const other = others.find(([, length]) => length !== first![1]);
  if (other) throw new RowError(`${first![0]} has ${first![1]} entries and ${other[0]} ${other[1]}`);
  return Array.from({ length: first![1] }, (_, i) => row(i));
}
