import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/tokenizers/${name}`, import.meta.url));

export interface GoldenCase {
  text: string;
  ids: number[];
  /** In code points; characters of which a token holds a part belong to it. */
  offsets?: [number, number][];
}
interface GoldenStories {
  count: number;
  /** Over the ids as little-endian int32. */
  sha256: string;
}

/** What others' tokenizers make of texts: scripts/make-tokenizer-golden.py. */
export const tokenizerGolden = JSON.parse(fixture('golden.json').toString()) as Record<
  'gpt2' | 'gpt-neox' | 'qwen2' | 'llama3' | 'sentencepiece-llama' | 'sentencepiece-gemma',
  GoldenCase[]
> &
  Record<'gpt2-stories' | 'sentencepiece-llama-stories' | 'sentencepiece-gemma-stories', GoldenStories>;

/** openai/gpt-2's vocab.bpe (MIT). */
export const gpt2Merges = gunzipSync(fixture('gpt2-vocab.bpe.gz')).toString();

/** Its encoder.json: the bytes, printable ones first, then what merges make, then the end of text. */
export function gpt2Vocabulary(): Record<string, number> {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter((byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173));
  const symbols = [...printable, ...bytes.filter((byte) => !printable.includes(byte)).map((_, i) => 256 + i)];
  const merged = gpt2Merges
    .split('\n')
    .slice(1, -1)
    .map((pair) => pair.replace(' ', ''));
  const pieces = [...symbols.map((code) => String.fromCodePoint(code)), ...merged, '<|endoftext|>'];
  return Object.fromEntries(pieces.map((piece, id) => [piece, id]));
}

/** A model folder in memory. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array | object>>): {
  id: string;
  files: string[];
  file(name: string): Promise<Uint8Array>;
} {
  const bytes = (name: string): Uint8Array => {
    const file = files[name];
    if (file === undefined) throw new Error(`no file ${name}`);
    if (file instanceof Uint8Array) return file;
    return new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file));
  };
  return { id: 'a-model', files: Object.keys(files), file: (name) => Promise.resolve(bytes(name)) };
}

export const sentencePieceModel = (name: 'llama' | 'gemma'): Uint8Array => fixture(`sentencepiece-${name}.model`);
