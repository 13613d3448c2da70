import { addedToken, type Part, type TokenizerFile } from './tokenizer-file.ts';

/** Kinds of piece, numbered as in sentencepiece's sentencepiece_model.proto (and in GGUF's token types). */
export const pieceKind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface SentencePiece {
  /** With U+2581 for spaces, `<0x0A>` for bytes. */
  text: string;
  /** The best score merges first. */
  score: number;
  kind: number;
}

export interface SentencePieceTokens {
  /** In the order of their ids. */
  pieces: readonly SentencePiece[];
  /** Whether a space is put in front of the text, as Llama's does and Gemma's does not. */
  addPrefixSpace: boolean;
}

const space = '\u2581';

/**
 * The tokenizer.json that a sentencepiece BPE model comes to, with byte fallback, as transformers converts it.
 *
 * sentencepiece merges the neighbours that join to the piece of the best score; a list of merges says the same, with every
 * way to join a piece in the order of the pieces' scores (llama2.c, llama.cpp and transformers' converter agree).
 */
export function sentencePieceFile({ pieces, addPrefixSpace }: SentencePieceTokens): TokenizerFile {
  const isSpecial = ({ kind }: SentencePiece): boolean => kind === pieceKind.control || kind === pieceKind.unknown;
  const unknown = pieces.find(({ kind }) => kind === pieceKind.unknown);
  const found = pieces.map((piece, id) => ({ ...piece, id }));
  const replace: Part = { type: 'Replace', pattern: { String: ' ' }, content: space };
  const prepend: Part = { type: 'Prepend', prepend: space };
  const decoders: Part[] = [
    { type: 'Replace', pattern: { String: space }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(addPrefixSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  return {
    added_tokens: found
      .filter((piece) => isSpecial(piece) || piece.kind === pieceKind.userDefined)
      .map((piece) => addedToken(piece.id, piece.text.replaceAll(space, ' '), isSpecial(piece))),
    normalizer: addPrefixSpace ? { type: 'Sequence', normalizers: [prepend, replace] } : replace,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Sequence', decoders },
    model: {
      type: 'BPE',
      unk_token: unknown?.text ?? null,
      fuse_unk: true,
      byte_fallback: pieces.some(({ kind }) => kind === pieceKind.byte),
      ignore_merges: false,
      vocab: Object.fromEntries(found.map(({ text, id }) => [text, id])),
      merges: mergesOf(found.filter(({ kind }) => kind === pieceKind.normal)),
    },
  };
}

/** Every pair of pieces that joins to a piece: best score first, then lowest ids, as transformers' converter sorts. */
function mergesOf(pieces: readonly (SentencePiece & { id: number })[]): [string, string][] {
  const ids = new Map(pieces.map(({ text, id }) => [text, id]));
  return [...pieces]
    .sort((a, b) => b.score - a.score)
    .flatMap(({ text }) => {
      const pairs: { pair: [string, string]; left: number; right: number }[] = [];
      for (let cut = 1; cut < text.length; cut++) {
        const pair: [string, string] = [text.slice(0, cut), text.slice(cut)];
        const [left, right] = [ids.get(pair[0]), ids.get(pair[1])];
        if (left !== undefined && right !== undefined) pairs.push({ pair, left, right });
      }
      return pairs.sort((a, b) => a.left - b.left || a.right - b.right).map(({ pair }) => pair);
    });
}
