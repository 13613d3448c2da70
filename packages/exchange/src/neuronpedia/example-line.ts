import { emptyHash, step, StringTable } from './string-table.ts';

/** A line of `activations/`, its two long lists read. */
export interface ExampleLine {
  /** The columns, as JSON.parse gives them, but for these two, which are 0. */
  readonly row: unknown;
  readonly tokens: string[];
  readonly values: Float32Array;
  /** Of the greatest value, by the numbers of the file. */
  readonly position: number;
}

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;

const tokensKey = Buffer.from('tokens');
const valuesKey = Buffer.from('values');

/** Half a step beyond the greatest float32: what is smaller is rounded to one. */
const beyondFloat32 = 2 ** 128 - 2 ** 103;

/** Powers of ten that a double holds exactly. */
const tens = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const textOf = (line: Uint8Array, begin: number, end: number): string =>
  Buffer.from(line.buffer, line.byteOffset + begin, end - begin).toString('utf8');

/**
 * Reads lines of `activations/`, nine tenths of whose bytes are lists of tokens and of values, several times as quickly as
 * JSON.parse: a token that came before is not made again, and a value is a few digits.
 *
 * It reads what the writers of this layout write. For anything else it gives null, and JSON.parse must look: it never
 * gives another result than JSON.parse.
 */
export class ExampleLineReader {
  readonly #strings = new StringTable();
  #line: Uint8Array = new Uint8Array(0);
  #at = 0;
  #values = new Float32Array(1024);

  read(line: Uint8Array): ExampleLine | null {
    this.#line = line;
    this.#at = 0;
    let tokens: string[] | null = null;
    let found: { values: Float32Array; position: number } | null = null;
    // The line with a 0 in place of each list.
    let rest = '';
    let restFrom = 0;
    if (this.#next() !== braceOpen) return null;
    for (;;) {
      const begin = this.#skipSpace();
      if (line[begin] !== quote) return null;
      const keyEnd = line.indexOf(quote, begin + 1);
      this.#at = keyEnd + 1;
      if (keyEnd < 0 || this.#next() !== colon) return null;
      const valueFrom = this.#at;
      const isTokens = tokens === null && this.#isKey(tokensKey, begin + 1, keyEnd);
      const isValues = found === null && this.#isKey(valuesKey, begin + 1, keyEnd);
      if (isTokens) tokens = this.#tokens();
      else if (isValues) found = this.#numbers();
      else if (!this.#skipValue()) return null;
      if (this.#at < 0) return null;
      if (isTokens || isValues) {
        rest += `${textOf(line, restFrom, valueFrom)}0`;
        restFrom = this.#at;
      }
      const after = this.#next();
      if (after === braceClose) break;
      if (after !== comma) return null;
    }
    const isWhole = this.#skipSpace() === line.length;
    if (!isWhole || !tokens || !found || tokens.length !== found.values.length) return null;
    try {
      return { row: JSON.parse(rest + textOf(line, restFrom, line.length)), tokens, ...found };
    } catch {
      return null;
    }
  }

  #skipSpace(): number {
    let byte = this.#line[this.#at];
    while (byte === 0x20 || byte === 0x0d || byte === 0x09) byte = this.#line[++this.#at];
    return this.#at;
  }

  #next(): number | undefined {
    const byte = this.#line[this.#skipSpace()];
    this.#at++;
    return byte;
  }

  #isKey(key: Uint8Array, begin: number, end: number): boolean {
    if (end - begin !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.#line[begin + i] !== key[i]) return false;
    return true;
  }

  /** Moves behind a value that JSON.parse will check; false where the line ends within it. */
  #skipValue(): boolean {
    const line = this.#line;
    let depth = 0;
    for (let at = this.#skipSpace(); at < line.length; at++) {
      const byte = line[at]!;
      if (byte === quote) {
        for (at++; line[at] !== quote; at++) {
          if (at >= line.length) return false;
          if (line[at] === backslash) at++;
        }
      } else if (byte === bracketOpen || byte === braceOpen) depth++;
      else if (depth > 0 && (byte === bracketClose || byte === braceClose)) depth--;
      else if (depth === 0 && (byte === comma || byte === braceClose)) {
        this.#at = at;
        return true;
      }
    }
    return false;
  }

  /** A list of strings; null, and nowhere, where it is another value. */
  #tokens(): string[] | null {
    if (this.#next() !== bracketOpen) return this.#nowhere();
    const line = this.#line;
    const length = line.length;
    const tokens: string[] = [];
    for (let at = this.#at; ;) {
      while (at < length && line[at]! === space) at++;
      if (at >= length || line[at]! !== quote) return this.#nowhere();
      const begin = ++at;
      let hash = emptyHash;
      for (; at < length; at++) {
        const byte = line[at]!;
        if (byte === quote) break;
        // Control characters must be escaped.
        if (byte < space) return this.#nowhere();
        hash = step(hash, byte);
        if (byte === backslash && ++at < length) hash = step(hash, line[at]!);
      }
      if (at >= length) return this.#nowhere();
      const token = this.#strings.get(line, begin, at, hash);
      if (token === null) return this.#nowhere();
      tokens.push(token);
      at++;
      while (at < length && line[at]! === space) at++;
      if (at >= length) return this.#nowhere();
      const after = line[at++]!;
      if (after === bracketClose) {
        this.#at = at;
        return tokens;
      }
      if (after !== comma) return this.#nowhere();
    }
  }

  #numbers(): { values: Float32Array; position: number } | null {
    if (this.#next() !== bracketOpen) return this.#nowhere();
    const line = this.#line;
    const length = line.length;
    let values = this.#values;
    let count = 0;
    let greatest = -Infinity;
    let position = 0;
    for (let at = this.#at; ;) {
      while (at < length && line[at]! === space) at++;
      let value: number;
      // Most activations are 0.
      const isZero = at + 3 < length && line[at]! === zero && line[at + 1]! === point && line[at + 2]! === zero;
      if (isZero && (line[at + 3]! === comma || line[at + 3]! === bracketClose)) {
        value = 0;
        at += 3;
      } else {
        this.#at = at;
        value = this.#number();
        at = this.#at;
      }
      // A value that float32 can't hold is JSON.parse's to refuse.
      if (!(Math.abs(value) < beyondFloat32)) return this.#nowhere();
      if (count === values.length) {
        values = new Float32Array(2 * count);
        values.set(this.#values);
        this.#values = values;
      }
      if (value > greatest) {
        greatest = value;
        position = count;
      }
      values[count++] = value;
      while (at < length && line[at]! === space) at++;
      if (at >= length) return this.#nowhere();
      const after = line[at++]!;
      if (after === bracketClose) {
        this.#at = at;
        return { values: values.slice(0, count), position };
      }
      if (after !== comma) return this.#nowhere();
    }
  }

  /**
   * A number, rounded as JSON.parse rounds it: digits that a double holds exactly, over a power of ten that it holds too. NaN
   * where there is none.
   */
  #number(): number {
    const line = this.#line;
    const length = line.length;
    const begin = this.#at;
    let at = begin;
    const isNegative = at < length && line[at]! === minus;
    if (isNegative) at++;
    const firstDigit = at;
    let digits = 0;
    let pointAt = -1;
    let mantissa = 0;
    for (; at < length; at++) {
      const byte = line[at]!;
      if (byte >= zero && byte <= nine) {
        mantissa = 10 * mantissa + (byte - zero);
        if (mantissa > 0) digits++;
      } else if (byte === point && pointAt < 0) pointAt = at;
      else break;
    }
    const decimals = pointAt < 0 ? 0 : at - pointAt - 1;
    const wholes = (pointAt < 0 ? at : pointAt) - firstDigit;
    // JSON has neither .5 nor 1. nor 01.
    const isPlain = wholes > 0 && (wholes === 1 || line[firstDigit]! !== zero) && (pointAt < 0 || decimals > 0);
    const isEnded = at < length && (line[at]! === comma || line[at]! === bracketClose || line[at]! === space);
    if (!isPlain || !isEnded || digits > 15 || decimals > 22) return this.#rareNumber(begin);
    this.#at = at;
    const value = mantissa / tens[decimals]!;
    // -0 is 0.
    return isNegative && value > 0 ? -value : value;
  }

  /** Exponents and long fractions. */
  #rareNumber(begin: number): number {
    let at = begin;
    while (at < this.#line.length && this.#line[at] !== comma && this.#line[at] !== bracketClose) at++;
    const text = Buffer.from(this.#line.buffer, this.#line.byteOffset + begin, at - begin)
      .toString('latin1')
      .trimEnd();
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return NaN;
    this.#at = at;
    return Number(text) + 0;
  }

  #nowhere(): null {
    this.#at = -1;
    return null;
  }
}
