import { Vocabulary } from '@monosema/catalog';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { folderFiles } from '../files/folder-files.ts';
import { fixture, importAll, ofKind } from '../fixtures.fixture.ts';
import { ImportVocabulary } from './import-vocabulary.ts';
import { idsAgree, matchVocabulary } from './match-vocabulary.ts';
import { spell } from './spelling.ts';

const bytes = (...pieces: (string | number[])[]): Uint8Array[] =>
  pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : Uint8Array.from(piece)));

test('strings are numbered as they come', () => {
  const vocabulary = new ImportVocabulary();
  expect([...vocabulary.idsOf(['b', 'a', 'b'])]).toEqual([0, 1, 0]);
  expect(vocabulary.idOf('c')).toBe(2);
  expect([vocabulary.texts, vocabulary.occurrences, vocabulary.size]).toEqual([['b', 'a', 'c'], [2, 1, 1], 3]);
});

test.each([
  ['text', ' the', ['é', '\n']],
  ['byte-level', 'Ġthe', ['Ã©', 'Ċ']],
  ['saedashboard', ' the', ['Ã©', '\n']],
  ['sae-vis', ' the', ['Ã©', '\\n']],
] as const)('spelled as %s', (spelling, the, [accent, feed]) => {
  const [a, b, c] = bytes(' the', 'é', '\n');
  expect([a, b, c].flatMap((each) => spell(each!, spelling))).toEqual([the, accent, feed]);
});

describe("the tokens of SAEDashboard's files, of gpt2-small", () => {
  let imported: ImportVocabulary;
  let vocabulary: Vocabulary;
  let texts: string[][];
  beforeAll(async () => {
    imported = new ImportVocabulary();
    const { records } = await importAll(await folderFiles(fixture('saedashboard')));
    texts = ofKind(records, 'example').map(({ tokens }) => [...tokens]);
    for (const tokens of texts) imported.idsOf(tokens);
    for (const { topLogits, bottomLogits } of ofKind(records, 'feature'))
      for (const { token } of [...topLogits, ...bottomLogits]) imported.idOf(token);
    vocabulary = await gpt2Vocabulary();
  });

  test('are all found, each exactly one', () => {
    const match = matchVocabulary(imported.texts, vocabulary, imported.occurrences);
    expect(match).toMatchObject({ spelling: 'saedashboard', isExact: true, unknown: [], ambiguous: [] });
    expect(match.ids).toHaveLength(4107);
    expect(new Set(match.ids).size).toBe(4107);
    // A token that the file mangles comes out whole.
    const katakana = match.ids[imported.texts.indexOf('ãĤ±')]!;
    expect(vocabulary.textOf(katakana)).toBe('ケ');
  });

  test('make the text of the examples', () => {
    const { ids } = matchVocabulary(imported.texts, vocabulary);
    const numberOf = new Map(imported.texts.map((text, i) => [text, ids[i]!]));
    const whole = texts.find((tokens) => tokens.includes('âĢ') || tokens.includes('ľ')) ?? texts[0]!;
    const read = vocabulary.textsOf(whole.map((token) => numberOf.get(token)!)).join('');
    expect(read).not.toContain('�');
    // But for bytes of one character, which the files have apart, the text is the same.
    const plain = texts.find((tokens) => tokens.every((token) => /^[\x20-\x7e\n]*$/.test(token)))!;
    expect(vocabulary.textsOf(plain.map((token) => numberOf.get(token)!)).join('')).toBe(plain.join(''));
  });

  test('that two tokens of the model are spelled as, are the one that is that text', () => {
    // 220 is " "; 9525 is a space of no width, which SAEDashboard shows as " ".
    const match = matchVocabulary([' ', '  ', ' the', '<|outofrange|>'], vocabulary);
    expect([...match.ids]).toEqual([220, -1, 262, -1]);
    expect(match).toMatchObject({ isExact: false, unknown: ['<|outofrange|>'], ambiguous: ['  '] });
  });
});

test('the ids of sae_vis are told from those of another model', async () => {
  const { records } = await importAll(await folderFiles(fixture('sae-vis/demo_prompt_vis.data.json.gz')));
  const pairs = ofKind(records, 'example').flatMap(({ tokens, tokenIds }) =>
    tokens.map((token, i): [number, string] => [tokenIds![i]!, token]),
  );
  expect(idsAgree(pairs, await gpt2Vocabulary())).toBeLessThan(0.1);
  // A model whose vocabulary these are.
  const pieces: Uint8Array[] = Array.from({ length: 48_262 }, (_, id) => new TextEncoder().encode(`#${id}`));
  for (const [id, token] of pairs) {
    const unescaped = token.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
    if (/^[\x20-\x7e\n\t]*$/.test(unescaped)) pieces[id] = new TextEncoder().encode(unescaped);
  }
  const ascii = pairs.filter(([, token]) => /^[\x20-\x7e]*$/.test(token));
  expect(idsAgree(ascii, new Vocabulary(pieces))).toBe(1);
  expect(idsAgree([], new Vocabulary([]))).toBe(1);
});

test('tokens of sentencepiece: pieces with ▁, bytes by number, bytes that are pieces too', () => {
  const vocabulary = new Vocabulary(bytes([0x0a], [0x41], [0xe3], ' the', 'A', '▁'));
  const match = matchVocabulary(['▁the', '<0x0A>', '<0x41>', 'A', '<0xE3>'], vocabulary);
  expect(match).toMatchObject({ spelling: 'sentencepiece', isExact: true });
  expect([...match.ids]).toEqual([3, 0, 1, 4, 2]);
});

test('strings of another model match nothing', () => {
  const vocabulary = new Vocabulary(bytes('x', 'y'));
  expect(matchVocabulary(['cat', 'dog'], vocabulary)).toMatchObject({
    spelling: null,
    isExact: false,
    unknown: ['cat', 'dog'],
  });
  expect(matchVocabulary([], vocabulary)).toMatchObject({ isExact: true });
});

/** GPT-2's vocabulary out of its merges: the 256 bytes in its order, then a token per merge, then the end of text. */
async function gpt2Vocabulary(): Promise<Vocabulary> {
  const packed = await readFile(
    fileURLToPath(new URL('../../../model/fixtures/tokenizers/gpt2-vocab.bpe.gz', import.meta.url)),
  );
  const merges = gunzipSync(packed).toString().split('\n').slice(1, -1);
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const order = [...all.filter(isPrintable), ...all.filter((byte) => !isPrintable(byte))];
  const byteOf = new Map(order.map((byte) => [spell(Uint8Array.of(byte), 'byte-level')[0]!, byte]));
  const pieces = [
    ...order.map((byte) => Uint8Array.of(byte)),
    ...merges.map((merge) => Uint8Array.from([...merge.replace(' ', '')].map((char) => byteOf.get(char)!))),
    ...bytes('<|endoftext|>'),
  ];
  return new Vocabulary(pieces);
}
