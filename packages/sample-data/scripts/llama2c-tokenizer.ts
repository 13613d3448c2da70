/** One piece of a llama2.c tokenizer file; the best score merges first. */
export interface Piece {
  text: string;
  score: number;
}

/** Reads llama2.c's tokenizer.bin: int32 longest piece, then for each id float32 score, int32 length and UTF-8 bytes. */
export function readLlama2cTokenizer(bytes: Uint8Array, size: number): Piece[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let at = 4;
  return Array.from({ length: size }, () => {
    const score = view.getFloat32(at, true);
    const length = view.getInt32(at + 4, true);
    const text = decoder.decode(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
    return { text, score };
  });
}

/** Sentencepiece's mark for a space; llama2.c's files hold the space itself. */
const space = '\u2581';
/** <unk>, <s>, </s>, then one piece per byte. */
const specialPieces = ['<unk>', '<s>', '</s>'];
const firstMergedPiece = specialPieces.length + 256;

/** The same tokenizer as Hugging Face's tokenizer.json, a BPE model with byte fallback as Llama's. */
export function tokenizerJson(pieces: readonly Piece[]): object {
  const names = pieces.map(({ text }, id) => specialPieces[id] ?? text.replaceAll(' ', space));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialPieces.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: space },
        { type: 'Replace', pattern: { String: ' ' }, content: space },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: '<s>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '<s>', type_id: 1 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges: merges(names, pieces),
    },
  };
}

/** Every pair of pieces that joins to a piece, in the order in which sentencepiece would prefer them. */
function merges(names: readonly string[], pieces: readonly Piece[]): [string, string][] {
  const merged = names.slice(firstMergedPiece);
  const ids = new Map(merged.map((name, i) => [name, firstMergedPiece + i]));
  return [...ids]
    .sort(([, a], [, b]) => pieces[b]!.score - pieces[a]!.score)
    .flatMap(([name]) => {
      const characters = Array.from(name);
      return characters.slice(1).flatMap((_, i): [string, string][] => {
        const left = characters.slice(0, i + 1).join('');
        const right = characters.slice(i + 1).join('');
        return ids.has(left) && ids.has(right) ? [[left, right]] : [];
      });
    });
}
