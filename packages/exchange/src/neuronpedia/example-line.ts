import { emptyHash, step, StringTable } from './string-table.ts';

/** A line of `activations/`, its two long lists read. */
export interface ExampleLine {
  /** The other columns, as JSON.parse gives them. */
  readonly row: unknown;
  readonly tokens: string[];
  readonly values: Float32Array;
  /** Of the greatest value, by the numbers of the file. */
  readonly position: number;
}

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

/** Powers of ten that a double holds exactly. */
const tens = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

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
    let rest = '';
    if (this.#next() !== braceOpen) return null;
    for (;;) {
      const begin = this.#skipSpace();
      if (line[begin] !== quote) return null;
      const keyEnd = line.indexOf(quote, begin + 1);
      this.#at = keyEnd + 1;
      if (keyEnd < 0 || this.#next() !== colon) return null;
      if (tokens === null && this.#isKey(tokensKey, begin + 1, keyEnd)) tokens = this.#tokens();
      else if (found === null && this.#isKey(valuesKey, begin + 1, keyEnd)) found = this.#numbers();
      else {
        if (!this.#skipValue()) return null;
        rest += `${rest === '' ? '' : ','}${Buffer.from(line.buffer, line.byteOffset + begin, this.#at - begin).toString('utf8')}`;
      }
      if (this.#at < 0) return null;
      const after = this.#next();
      if (after === braceClose) break;
      if (after !== comma) return null;
    }
    const isWhole = this.#skipSpace() === line.length;
    if (!isWhole || !tokens || !found || tokens.length !== found.values.length || tokens.length === 0) return null;
    try {
      return { row: JSON.parse(`{${rest}}`), tokens, ...found };
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
    const line = this.#line;
    const tokens: string[] = [];
    if (this.#next() !== bracketOpen) return this.#nowhere();
    for (;;) {
      if (this.#next() !== quote) return this.#nowhere();
      const begin = this.#at;
      let at = begin;
      let hash = emptyHash;
      for (let byte = line[at]; byte !== quote; byte = line[++at]) {
        // Control characters must be escaped.
        if (byte === undefined || byte < 0x20) return this.#nowhere();
        hash = step(hash, byte);
        if (byte === backslash) hash = step(hash, line[++at] ?? 0);
      }
      try {
        tokens.push(this.#strings.get(line, begin, at, hash));
      } catch {
        return this.#nowhere();
      }
      this.#at = at + 1;
      const after = this.#next();
      if (after === bracketClose) return tokens;
      if (after !== comma) return this.#nowhere();
    }
  }

  #numbers(): { values: Float32Array; position: number } | null {
    let count = 0;
    let greatest = -Infinity;
    let position = 0;
    if (this.#next() !== bracketOpen) return this.#nowhere();
    for (;;) {
      const value = this.#number();
      // A value that float32 can't hold is JSON.parse's to refuse.
      if (value === null || !Number.isFinite(Math.fround(value))) return this.#nowhere();
      if (count === this.#values.length) {
        const wider = new Float32Array(2 * count);
        wider.set(this.#values);
        this.#values = wider;
      }
      if (value > greatest) {
        greatest = value;
        position = count;
      }
      this.#values[count++] = value;
      const after = this.#next();
      if (after === bracketClose) return { values: this.#values.slice(0, count), position };
      if (after !== comma) return this.#nowhere();
    }
  }

  /** A number, rounded as JSON.parse rounds it: digits that a double holds exactly, over a power of ten that it holds too. */
  #number(): number | null {
    const line = this.#line;
    const begin = this.#skipSpace();
    let at = begin;
    const isNegative = line[at] === minus;
    if (isNegative) at++;
    const firstDigit = at;
    let digits = 0;
    let decimals = 0;
    let mantissa = 0;
    let behindPoint = false;
    for (; ; at++) {
      const byte = line[at]!;
      if (byte >= zero && byte <= nine) {
        mantissa = 10 * mantissa + (byte - zero);
        if (mantissa !== 0) digits++;
        if (behindPoint) decimals++;
      } else if (byte === point && !behindPoint && at > firstDigit) behindPoint = true;
      else break;
    }
    const startsWithZero = line[firstDigit] === zero && line[firstDigit + 1]! >= zero && line[firstDigit + 1]! <= nine;
    const isPlain = at > firstDigit && !startsWithZero && !(behindPoint && decimals === 0);
    const end = line[at];
    const isEnded = end === comma || end === bracketClose || end === 0x20;
    if (isPlain && isEnded && digits <= 15 && decimals <= 22) {
      this.#at = at;
      const value = mantissa / tens[decimals]!;
      // -0 is 0.
      return isNegative && value !== 0 ? -value : value;
    }
    return this.#rareNumber(begin);
  }

  /** Exponents and long fractions. */
  #rareNumber(begin: number): number | null {
    let at = begin;
    while (at < this.#line.length && this.#line[at] !== comma && this.#line[at] !== bracketClose) at++;
    const text = Buffer.from(this.#line.buffer, this.#line.byteOffset + begin, at - begin)
      .toString('latin1')
      .trimEnd();
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return null;
    this.#at = at;
    return Number(text) + 0;
  }

  #nowhere(): null {
    this.#at = -1;
    return null;
  }
}
