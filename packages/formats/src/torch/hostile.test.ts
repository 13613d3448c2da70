import { expect, test } from 'vitest';
import { bytesSource, FormatError, openTorch, torchLimits, TorchTensor, type TorchFile } from '../index.ts';
import { makeZip, type MadeEntry } from '../zip/make-zip.fixture.ts';

/** Pickles by hand: an instruction by its letter or number, with what follows it. */
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)]);
const int = (value: number): Buffer => Buffer.concat([Buffer.from('J'), u32(value)]);
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const pickle = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([Buffer.of(0x80, 2), ...parts.map((part) => Buffer.from(part as string, 'latin1')), Buffer.from('.')]);
const ints = (values: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from('('), ...values.map(int), Buffer.from('t')]);

const storage = (count: number, { type = 'FloatStorage', key = '0' } = {}): Buffer =>
  Buffer.concat([
    Buffer.from('('),
    text('storage'),
    global('torch', type),
    text(key),
    text('cpu'),
    int(count),
    Buffer.from('tQ'),
  ]);
interface View {
  offset?: number;
  shape?: readonly number[];
  strides?: readonly number[];
}
const tensor = (of: Buffer, { offset = 0, shape = [2], strides = [1] }: View = {}): Buffer =>
  Buffer.concat([
    global('torch._utils', '_rebuild_tensor_v2'),
    Buffer.from('('),
    of,
    int(offset),
    ints(shape),
    ints(strides),
    Buffer.from('\x89}tR', 'latin1'),
  ]);

const archive = (
  pickled: Buffer,
  entries: readonly MadeEntry[] = [{ name: 'x/data/0', bytes: new Uint8Array(8) }],
): Uint8Array => makeZip([{ name: 'x/data.pkl', bytes: pickled }, ...entries]);
const open = (pickled: Buffer, entries?: readonly MadeEntry[]): Promise<TorchFile> =>
  openTorch(bytesSource(archive(pickled, entries)));

test('the pickles made here are valid ones', async () => {
  const file = await open(pickle('}', text('W'), tensor(storage(2)), 's'));
  expect(file.tensors.get('W')).toBeInstanceOf(TorchTensor);
  expect(await file.read('W')).toEqual({ data: new Float32Array(2), shape: [2] });
});

const call = (module: string, name: string, ...args: Buffer[]): Buffer =>
  Buffer.concat([global(module, name), Buffer.from('('), ...args, Buffer.from('tR')]);

const hostile: [string, Buffer, string][] = [
  ['a command', pickle(call('os', 'system', text('rm -rf /'))), '"os.system" is not allowed'],
  ['a command of posix', pickle(call('posix', 'system', text('id'))), '"posix.system" is not allowed'],
  ['eval', pickle(call('builtins', 'eval', text('1'))), '"builtins.eval" is not allowed'],
  ['getattr', pickle(call('builtins', 'getattr', text('a'), text('b'))), '"builtins.getattr" is not allowed'],
  ['a dotted global', pickle(call('torch', 'os.system', text('id'))), '"torch.os.system" is not allowed'],
  ['a nested load', pickle(call('torch.storage', '_load_from_bytes', text('x'))), 'is not allowed'],
  ['a name of Object', pickle(call('constructor', 'constructor', text('return 1'))), '"constructor.constructor"'],
  ['a global by the stack', pickle(text('os'), text('system'), Buffer.of(0x93)), '"os.system" is not allowed'],
  ['a global that is no text', pickle(int(1), int(2), Buffer.of(0x93)), 'a global is not named by text'],
  ['an instance', pickle('(', 'ios\nsystem\n'), 'instruction 0x69'],
  ['an object', pickle('(', global('collections', 'OrderedDict'), 'o'), 'instruction 0x6f'],
  ['an extension', pickle(Buffer.of(0x82, 1)), 'instruction 0x82'],
  ['a number as text', pickle('I1\n'), 'instruction 0x49'],
  ['a call of text', pickle(text('os.system'), '(', text('id'), 'tR'), 'a call of what cannot be called'],
  ['a call of a class', pickle(global('torch', 'FloatStorage'), ')R'), 'a call of what cannot be called'],
  ['attributes of a tensor', pickle(tensor(storage(2)), '}b'), 'something that is no dict has attributes'],
  ['a function as a value', pickle('}', text('a'), global('torch', 'Size'), 's'), '"a" is neither a tensor nor'],
  ['a storage as a value', pickle('}', text('a'), storage(2), 's'), '"a" is neither a tensor nor a plain value'],
  ['an unknown thing outside', pickle('(', text('module'), 'tQ'), 'something outside of the file'],
  ['a path as a key', pickle(tensor(storage(2, { key: '../0' }))), 'storage "../0" should have 8 bytes, but none are'],
  ['a storage that is too large', pickle(tensor(storage(3))), 'storage "0" should have 12 bytes, but 8 are there'],
  ['a negative storage', pickle(tensor(storage(-1))), 'storage "0" has size -1'],
  ['a tensor behind its storage', pickle(tensor(storage(2), { offset: 1 })), 'ends at number 2, but there are 2'],
  ['a negative offset', pickle(tensor(storage(2), { offset: -1 })), 'has offset -1'],
  ['a negative size', pickle(tensor(storage(2), { shape: [-1] })), 'no list of at most 8 sizes'],
  ['a negative stride', pickle(tensor(storage(2), { offset: 1, strides: [-1] })), 'do not fit its shape'],
  ['a stride too few', pickle(tensor(storage(2), { shape: [1, 2] })), 'do not fit its shape'],
  ['a stride too far', pickle(tensor(storage(2), { strides: [2] })), 'ends at number 2, but there are 2'],
  [
    'a shape that overflows',
    pickle(
      tensor(storage(2), { shape: new Array<number>(8).fill(2 ** 31 - 1), strides: new Array<number>(8).fill(0) }),
    ),
    `at most ${torchLimits.repeatedNumbers} are read`,
  ],
  ['a million copies', pickle(tensor(storage(2), { shape: [2 ** 23], strides: [0] })), 'repeats its 2 numbers'],
  ['too many dimensions', pickle(tensor(storage(2), { shape: new Array<number>(9).fill(1) })), 'at most 8 sizes'],
  ['a tensor without a storage', pickle(tensor(Buffer.from('N'))), 'a tensor without a storage'],
  ['a key twice', pickle('}(', text('a'), int(1), text('a'), int(2), 'u'), 'key "a" stands twice'],
  ['a key that is a list', pickle('}', ']', int(1), 's'), 'neither text nor a number'],
  [
    'two tensors of one name',
    pickle('}(', text('a.b'), tensor(storage(2)), text('a'), '}', text('b'), tensor(storage(2)), 'su'),
    'two tensors are called "a.b"',
  ],
  ['a dict of an odd number', pickle('}(', text('a'), 'u'), 'something is set in what is no dict'],
  ['a list in a dict', pickle('}', int(1), 'a'), 'something is appended to what is no list'],
  ['an empty stack', pickle(), 'there is nothing to take'],
  ['values left over', pickle('NN'), '1 values are left over'],
  ['a mark as a value', pickle('('), 'a mark in place of a value'],
  ['a mark that is missing', pickle('Nt'), 'there is no mark'],
  ['a memory that is empty', pickle('h\x05'), 'number 5 of its memory is empty'],
  ['a text that ends behind the file', pickle('X\xff\xff\xff\xff'), 'ends before byte'],
  ['bytes of 2^60', pickle('\x8e\0\0\0\0\0\0\0\x10'), 'the length of bytes is 1152921504606846976'],
  ['a text that is not UTF-8', pickle('U\x01\xff'), 'not UTF-8'],
  ['a number of 64 kB', pickle('\x8b\0\0\x01\0', Buffer.alloc(65_536)), 'a whole number of 65536 bytes'],
  ['a list in itself', pickle(']q\0h\0a'), 'more than 100 deep'],
  ['protocol 0', Buffer.concat([Buffer.of(0x80, 0), Buffer.from('N.')]), 'pickle protocol 0'],
  ['bytes behind its end', Buffer.concat([pickle('N'), Buffer.of(0)]), 'data.pkl has 1 bytes behind its end'],
  ['no end', pickle('N').subarray(0, -1), 'ends before byte'],
];
test.each(hostile)('%s is refused', async (_what, pickled, message) => {
  await expect(open(pickled)).rejects.toThrow(FormatError);
  await expect(open(pickled)).rejects.toThrow(message);
});

test('a billion laughs: lists of the same list are not followed for ever', async () => {
  // Each level holds the one below ten times.
  const levels = Array.from({ length: 20 }, (_, i) =>
    Buffer.from(`](${`h${String.fromCharCode(i)}`.repeat(10)}eq${String.fromCharCode(i + 1)}`, 'latin1'),
  );
  await expect(open(pickle('(]q\0', ...levels, 't'))).rejects.toThrow(`more than ${torchLimits.values} values`);
});

test('a zip archive that torch did not write is refused by what it is', async () => {
  const of = (...entries: MadeEntry[]): Promise<TorchFile> => openTorch(bytesSource(makeZip(entries)));
  const data = { name: 'x/data.pkl', bytes: pickle('N') };
  await expect(of({ name: 'arr_0.npy', bytes: new Uint8Array(8) })).rejects.toThrow('0 entries */data.pkl');
  await expect(of(data, { ...data, name: 'y/data.pkl' })).rejects.toThrow('2 entries */data.pkl');
  await expect(of(data, { name: 'x/constants.pkl', bytes: pickle('N') })).rejects.toThrow('a TorchScript program');
  await expect(of(data, { name: 'x/byteorder', bytes: Buffer.from('big') })).rejects.toThrow('big-endian');
});

test('a legacy file whose storages do not fit is refused', async () => {
  const long = (value: bigint, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes + 2);
    buffer.set([0x8a, bytes]);
    for (let i = 0; i < bytes; i++) buffer[2 + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return buffer;
  };
  const start = Buffer.concat([pickle(long(0x1950a86a20f9469cfc6cn, 10)), pickle(int(1001)), pickle('}')]);
  const file = (value: Buffer, keys: readonly string[], rest: number): Promise<TorchFile> =>
    openTorch(bytesSource(Buffer.concat([start, value, pickle('](', ...keys.map(text), 'e'), Buffer.alloc(rest)])));
  const good = await file(pickle(tensor(storage(2))), ['0'], 16);
  expect(await good.read('')).toEqual({ data: new Float32Array(2), shape: [2] });
  await expect(file(pickle(tensor(storage(2))), ['0'], 15)).rejects.toThrow('storage "0" of 8 bytes ends behind');
  await expect(file(pickle(tensor(storage(2))), [], 16)).rejects.toThrow('storage "0" is not in the file');
  await expect(file(pickle(tensor(storage(2))), ['0', '0'], 32)).rejects.toThrow('storage "0" is listed twice');
  await expect(file(pickle('N'), ['1'], 16)).rejects.toThrow('storage "1" is listed, but no tensor lies in it');
  await expect(
    file(pickle('(', tensor(storage(2)), tensor(storage(1), { shape: [1] }), 't'), ['0'], 16),
  ).rejects.toThrow('storage "0" has two sizes');
  await expect(openTorch(bytesSource(pickle(int(1))))).rejects.toThrow('none that torch.save wrote');
});
