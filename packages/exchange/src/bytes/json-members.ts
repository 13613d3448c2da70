import { MalformedError } from '../import-error.ts';
import { parseJson } from './json-text.ts';

/** A member of a big JSON object, or an element of the one array of it that is taken apart. */
export interface JsonMember {
  readonly key: string;
  /** Its number in the array; null for a whole member. */
  readonly element: number | null;
  readonly value: unknown;
}

export interface JsonMemberOptions {
  /** The member whose array is given element by element. */
  readonly elementsOf?: string;
  /** Whether something may follow the object, as in a script of a page. */
  readonly more?: boolean;
}

/** A feature's dashboard is at most some megabytes of JSON. */
const longestValue = 512 * 2 ** 20;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Reads a JSON object member by member while its bytes come, so that memory holds one member, or one element of the array
 * `elementsOf`, whatever the size of the file.
 *
 * @throws MalformedError where the bytes are no JSON object or end within it
 * @example
 * for await (const { key, element, value } of jsonMembers(bytes, { elementsOf: 'features' })) …
 */
export async function* jsonMembers(
  pieces: AsyncIterable<Uint8Array>,
  options: JsonMemberOptions = {},
): AsyncGenerator<JsonMember> {
  const splitter = new MemberSplitter(options);
  // What may follow is read all the same: whoever checks the file wants all of it.
  for await (const piece of pieces) if (!splitter.finished || !options.more) yield* splitter.push(piece);
  splitter.end();
}

type Expectation = 'object' | 'key' | 'colon' | 'value' | 'comma' | 'element' | 'element-comma' | 'nothing';

const expectedText: Record<Expectation, string> = {
  object: 'a JSON object',
  key: 'a key or "}"',
  colon: '":"',
  value: 'a value',
  comma: '"," or "}"',
  element: 'an element or "]"',
  'element-comma': '"," or "]"',
  nothing: 'the end',
};

class MemberSplitter {
  #expected: Expectation = 'object';
  #key = '';
  #element = 0;
  /** Of the value that is being read: its parts so far, its length, how deep we are in it, whether within a string. */
  #parts: Uint8Array[] | null = null;
  #length = 0;
  #depth = 0;
  #string = false;
  #escaped = false;
  /** Bytes before the present piece, for messages. */
  #offset = 0;

  constructor(readonly options: JsonMemberOptions) {}

  get finished(): boolean {
    return this.#expected === 'nothing';
  }

  *push(piece: Uint8Array): Generator<JsonMember> {
    let at = 0;
    while (at < piece.length) {
      if (this.#parts) {
        const end = this.#endOfValue(piece, at);
        this.#keep(piece.subarray(at, end));
        at = end;
        if (this.#depth < 0) yield* this.#finish();
        continue;
      }
      const byte = piece[at]!;
      if (isSpace(byte)) {
        at++;
        continue;
      }
      if (this.finished && this.options.more) return;
      at = this.#step(byte, at);
    }
    this.#offset += piece.length;
  }

  end(): void {
    if (this.#expected !== 'nothing')
      throw new MalformedError(
        `the JSON ends after ${this.#offset} bytes, where ${expectedText[this.#expected]} should follow`,
      );
  }

  /** One byte of the structure; gives where to go on. Values begin here and are read by #endOfValue. */
  #step(byte: number, at: number): number {
    switch (this.#expected) {
      case 'object':
        return byte === braceOpen ? this.#expect('key', at) : this.#refuse(byte, at);
      case 'key':
        if (byte === braceClose) return this.#expect('nothing', at);
        if (byte !== quote) return this.#refuse(byte, at);
        return this.#begin(at);
      case 'colon':
        return byte === colon ? this.#expect('value', at) : this.#refuse(byte, at);
      case 'value':
        if (byte === bracketOpen && this.#key === this.options.elementsOf) {
          this.#element = 0;
          return this.#expect('element', at);
        }
        return this.#begin(at);
      case 'comma':
        if (byte === comma) return this.#expect('key', at);
        return byte === braceClose ? this.#expect('nothing', at) : this.#refuse(byte, at);
      case 'element':
        return byte === bracketClose ? this.#expect('comma', at) : this.#begin(at);
      case 'element-comma':
        if (byte === comma) return this.#expect('element', at);
        return byte === bracketClose ? this.#expect('comma', at) : this.#refuse(byte, at);
      case 'nothing':
        return this.#refuse(byte, at);
    }
  }

  #expect(next: Expectation, at: number): number {
    this.#expected = next;
    return at + 1;
  }

  #refuse(byte: number, at: number): never {
    throw new MalformedError(
      `byte ${this.#offset + at} of the JSON is ${JSON.stringify(String.fromCharCode(byte))}, where ${expectedText[this.#expected]} should be`,
    );
  }

  #begin(at: number): number {
    this.#parts = [];
    this.#length = 0;
    this.#depth = 0;
    this.#string = false;
    return at;
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > longestValue) throw new MalformedError(`"${this.#key}" is longer than ${longestValue} bytes`);
    if (part.length > 0) this.#parts!.push(part);
  }

  /** Where the value ends in this piece, or the piece's length; depth is −1 once it has ended. */
  #endOfValue(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.#string) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) {
          this.#string = false;
          if (this.#depth === 0) return this.#ended(at + 1);
        }
      } else if (byte === quote) this.#string = true;
      else if (byte === braceOpen || byte === bracketOpen) this.#depth++;
      else if (byte === braceClose || byte === bracketClose) {
        // A number or a word ends where its container does.
        if (this.#depth === 0) return this.#ended(at);
        if (--this.#depth === 0) return this.#ended(at + 1);
      } else if (this.#depth === 0 && (byte === comma || isSpace(byte))) return this.#ended(at);
    }
    return piece.length;
  }

  #ended(at: number): number {
    this.#depth = -1;
    return at;
  }

  *#finish(): Generator<JsonMember> {
    const text = Buffer.concat(this.#parts!).toString('utf8');
    this.#parts = null;
    const value = this.#parse(text);
    switch (this.#expected) {
      case 'key':
        this.#key = String(value);
        this.#expected = 'colon';
        return;
      case 'value':
        this.#expected = 'comma';
        return yield { key: this.#key, element: null, value };
      default:
        this.#expected = 'element-comma';
        yield { key: this.#key, element: this.#element++, value };
    }
  }

  #parse(text: string): unknown {
    try {
      return parseJson(text);
    } catch (error) {
      throw new MalformedError(`"${this.#key}" of the JSON is malformed: ${(error as Error).message}`);
    }
  }
}
