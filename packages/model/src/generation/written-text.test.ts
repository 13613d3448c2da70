import { expect, test } from 'vitest';
import { WrittenText } from './written-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const written = (text: WrittenText, ...pieces: (string | Uint8Array)[]): string[] =>
  pieces.map((piece) => text.push(typeof piece === 'string' ? bytes(piece) : piece));

test('characters come whole, with the token that ends them', () => {
  const text = new WrittenText();
  const euro = bytes('€');
  expect(written(text, 'a', euro.subarray(0, 1), euro.subarray(1, 2), euro.subarray(2), '\ufeff')).toEqual([
    'a',
    '',
    '',
    '€',
    '\ufeff',
  ]);
  expect(text.finish()).toBe('');
});

test('a character that nothing ends is marked', () => {
  const text = new WrittenText();
  expect(written(text, Uint8Array.of(0xe2, 0x82), 'x')).toEqual(['', '\ufffdx']);
  expect(written(text, Uint8Array.of(0xe2))).toEqual(['']);
  expect(text.finish()).toBe('\ufffd');
});

test('what may begin a stop string is held back until it is known', () => {
  const text = new WrittenText(['\n\nB', 'end.']);
  expect(written(text, 'a\n', '\n', 'C en', 'd', 's')).toEqual(['a', '', '\n\nC ', '', 'ends']);
  expect(text.stopped).toBe(false);
  expect(written(text, ' e', 'nd')).toEqual([' ', '']);
  expect(text.finish()).toBe('end');
});

test('text ends before the first stop string, wherever it begins', () => {
  const text = new WrittenText(['ab', 'b']);
  expect(written(text, 'xa', 'by')).toEqual(['x', '']);
  expect([text.stopped, text.finish()]).toEqual([true, '']);
  const inside = new WrittenText(['two', 'one']);
  expect(written(inside, 'one two')).toEqual(['']);
});

test('a stop string that repeats itself is found at its first place', () => {
  const text = new WrittenText(['aab']);
  expect(written(text, 'a', 'a', 'a', 'b')).toEqual(['', '', 'a', '']);
  expect(text.stopped).toBe(true);
});
