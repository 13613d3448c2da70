import { ByteCursor } from '../byte-cursor.ts';
import { torchLimits as limits } from './limits.ts';

/** What a pickle may do besides building lists and dicts; everything else is refused. */
export interface PickleRules {
  /** The thing that a dotted name stands for. */
  global(name: string): unknown;
  /** The result of calling such a thing. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** The thing that is kept outside of the pickle. */
  persistent(id: unknown): unknown;
}

const mark = Symbol('mark');
type Key = string | number | bigint | boolean | null;

/**
 * Reads one pickle of protocol 2 to 5 as a list of instructions for a stack, and executes nothing: names and calls are what
 * `rules` says. Instructions that torch does not write are refused. Lists, tuples and sets become arrays, dicts maps.
 * Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @returns the value, and where the pickle ends
 * @throws FormatError
 */
export function unpickle(bytes: Uint8Array, begin: number, rules: PickleRules): { value: unknown; end: number } {
  const machine = new PickleMachine(bytes, begin, rules);
  return { value: machine.run(), end: machine.cursor.at };
}

class PickleMachine {
  readonly cursor: ByteCursor;
  readonly #rules: PickleRules;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, begin: number, rules: PickleRules) {
    this.cursor = new ByteCursor('torch pickle', bytes, begin);
    this.#rules = rules;
  }

  run(): unknown {
    for (;;) {
      const at = this.cursor.at;
      const code = this.cursor.u8();
      if (code === 0x2e) {
        const value = this.#pop();
        return this.#stack.length === 0 ? value : this.cursor.fail(`${this.#stack.length} values are left over`);
      }
      const step = instructions.get(code);
      if (!step) this.cursor.fail(`instruction 0x${code.toString(16).padStart(2, '0')} at byte ${at} is not allowed`);
      else step(this);
    }
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) this.cursor.fail(`there is nothing to take at byte ${this.cursor.at}`);
    const value = this.#stack.pop();
    return value === mark ? this.cursor.fail(`there is a mark in place of a value at byte ${this.cursor.at}`) : value;
  }

  /** Takes `count` values and puts them back as one tuple. */
  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.#pop()).reverse();
    this.push(items);
  }

  /** Everything above the last mark, which goes too. */
  markedItems(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) this.cursor.fail(`there is no mark for byte ${this.cursor.at}`);
    const items = this.#stack.splice(at);
    items.shift();
    return items;
  }

  openMark(): void {
    this.push(mark);
  }

  append(items: readonly unknown[] = [this.#pop()]): void {
    const list = this.#pop();
    if (!Array.isArray(list)) this.cursor.fail(`something is appended to what is no list, at byte ${this.cursor.at}`);
    else for (const item of items) list.push(item);
    this.push(list);
  }

  setItems(items: readonly unknown[] = [this.#pop(), this.#pop()].reverse()): void {
    const dict = this.#pop();
    if (!(dict instanceof Map) || items.length % 2 !== 0)
      this.cursor.fail(`something is set in what is no dict, at byte ${this.cursor.at}`);
    else
      for (let i = 0; i < items.length; i += 2) {
        const key = items[i];
        if (!isKey(key)) this.cursor.fail('a key of a dict is neither text nor a number');
        if (dict.has(key)) this.cursor.fail(`key "${String(key)}" stands twice in a dict`);
        dict.set(key, items[i + 1]);
      }
    this.push(dict);
  }

  remember(index: number): void {
    const value = this.#pop();
    this.#memo.set(index, value);
    this.push(value);
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) this.cursor.fail(`number ${index} of its memory is empty`);
    this.push(this.#memo.get(index));
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') this.cursor.fail('a global is not named by text');
    else this.push(this.#rules.global(`${module}.${name}`));
  }

  stackGlobal(): void {
    const name = this.#pop();
    this.global(this.#pop(), name);
  }

  call(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!Array.isArray(args)) this.cursor.fail('a call has no tuple of arguments');
    else this.push(this.#rules.call(callee, args));
  }

  /** Attributes of an object. Only an OrderedDict may have some, module versions in a state dict, and they are dropped. */
  build(): void {
    this.#pop();
    const target = this.#pop();
    if (!(target instanceof Map))
      this.cursor.fail(`something that is no dict has attributes, at byte ${this.cursor.at}`);
    this.push(target);
  }

  persistent(): void {
    this.push(this.#rules.persistent(this.#pop()));
  }

  /** A two's complement number of `count` bytes. */
  long(count: number): void {
    if (count > limits.integerBytes) this.cursor.fail(`a whole number of ${count} bytes`);
    let value = 0n;
    const bytes = this.cursor.bytes(count);
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    value = BigInt.asIntN(8 * count, value);
    const number = Number(value);
    this.push(Number.isSafeInteger(number) ? number : value);
  }

  text(count: number): void {
    this.push(this.cursor.text(count, 'a text'));
  }

  byteString(count: number): void {
    // A copy, so that a few bytes do not keep the whole pickle.
    this.push(new Uint8Array(this.cursor.bytes(count)));
  }

  protocol(): void {
    const version = this.cursor.u8();
    if (version < 2 || version > 5) this.cursor.fail(`pickle protocol ${version}; read are 2 to 5`);
  }
}

const isKey = (value: unknown): value is Key =>
  value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);

/** Everything that torch.save writes, and nothing else. */
const instructions: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map([
  [0x80, (m) => m.protocol()],
  [0x95, (m) => void m.cursor.skip(8)], // FRAME
  [0x28, (m) => m.openMark()],
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4a, (m) => m.push(m.cursor.i32())], // BININT
  [0x4b, (m) => m.push(m.cursor.u8())],
  [0x4d, (m) => m.push(m.cursor.u16())],
  [0x8a, (m) => m.long(m.cursor.u8())], // LONG1
  [0x8b, (m) => m.long(m.cursor.u32())], // LONG4
  [0x47, (m) => m.push(m.cursor.f64BigEndian())], // BINFLOAT
  [0x58, (m) => m.text(m.cursor.u32())], // BINUNICODE
  [0x8c, (m) => m.text(m.cursor.u8())],
  [0x8d, (m) => m.text(m.cursor.size('the length of a text'))],
  [0x55, (m) => m.text(m.cursor.u8())], // SHORT_BINSTRING: text of Python 2
  [0x54, (m) => m.text(m.cursor.u32())], // BINSTRING
  [0x43, (m) => m.byteString(m.cursor.u8())], // SHORT_BINBYTES
  [0x42, (m) => m.byteString(m.cursor.u32())],
  [0x8e, (m) => m.byteString(m.cursor.size('the length of bytes'))],
  [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
  [0x5d, (m) => m.push([])], // EMPTY_LIST
  [0x29, (m) => m.push([])], // EMPTY_TUPLE
  [0x8f, (m) => m.push([])], // EMPTY_SET
  [0x74, (m) => m.push(m.markedItems())], // TUPLE
  [0x85, (m) => m.tuple(1)],
  [0x86, (m) => m.tuple(2)],
  [0x87, (m) => m.tuple(3)],
  [0x61, (m) => m.append()],
  [0x65, (m) => m.append(m.markedItems())],
  [0x90, (m) => m.append(m.markedItems())], // ADDITEMS
  [0x73, (m) => m.setItems()],
  [0x75, (m) => m.setItems(m.markedItems())],
  [0x71, (m) => m.remember(m.cursor.u8())], // BINPUT
  [0x72, (m) => m.remember(m.cursor.u32())],
  [0x94, (m) => m.memoize()],
  [0x68, (m) => m.recall(m.cursor.u8())], // BINGET
  [0x6a, (m) => m.recall(m.cursor.u32())],
  [0x63, (m) => m.global(m.cursor.line('a module'), m.cursor.line('a global'))],
  [0x93, (m) => m.stackGlobal()], // STACK_GLOBAL
  [0x52, (m) => m.call()], // REDUCE
  [0x81, (m) => m.call()], // NEWOBJ
  [0x62, (m) => m.build()],
  [0x51, (m) => m.persistent()], // BINPERSID
]);
