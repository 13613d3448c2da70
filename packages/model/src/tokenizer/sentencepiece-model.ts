import { pieceKind, sentencePieceFile, type SentencePiece } from './sentencepiece-file.ts';
import type { TokenizerFile } from './tokenizer-file.ts';

/** What is read of a protobuf message: number of the field, and its value. */
interface Field {
  number: number;
  value: number | Uint8Array;
}

const modelTypes = ['none', 'unigram', 'BPE', 'word', 'char'];

/**
 * Reads sentencepiece's tokenizer.model (a protobuf message, sentencepiece_model.proto) of a BPE model as Llama's, Mistral's
 * and Gemma's are, and gives the tokenizer.json that it comes to.
 *
 * @throws Error when it is damaged, no BPE model, or normalizes text in a way that is not supported
 */
export function readSentencePieceModel(bytes: Uint8Array): TokenizerFile {
  const pieces: SentencePiece[] = [];
  let modelType = 1;
  let normalization = 'nmt_nfkc';
  let charsMap = 0;
  let addPrefixSpace = true;
  let removeExtraWhitespaces = true;
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) pieces.push(readPiece(message(value)));
    if (number === 2)
      for (const field of fieldsOf(message(value))) if (field.number === 3) modelType = Number(field.value);
    if (number === 3)
      for (const field of fieldsOf(message(value))) {
        if (field.number === 1) normalization = text(field.value);
        if (field.number === 2) charsMap = message(field.value).length;
        if (field.number === 3) addPrefixSpace = field.value !== 0;
        if (field.number === 4) removeExtraWhitespaces = field.value !== 0;
      }
  }
  if (pieces.length === 0) throw new Error('tokenizer.model has no pieces');
  if (modelType !== 2)
    throw new Error(
      `tokenizer.model is a ${modelTypes[modelType] ?? modelType} model, but only BPE models can be read`,
    );
  if (charsMap > 0 || removeExtraWhitespaces)
    throw new Error(
      `tokenizer.model normalizes text ("${normalization}"${removeExtraWhitespaces ? ', extra spaces removed' : ''}), which is not supported: use the model's tokenizer.json`,
    );
  return sentencePieceFile({ pieces, addPrefixSpace });
}

function readPiece(bytes: Uint8Array): SentencePiece {
  const piece: SentencePiece = { text: '', score: 0, kind: pieceKind.normal };
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) piece.text = text(value);
    if (number === 2) piece.score = float(message(value));
    if (number === 3) piece.kind = Number(value);
  }
  return piece;
}

const float = ({ buffer, byteOffset, byteLength }: Uint8Array): number =>
  new DataView(buffer, byteOffset, byteLength).getFloat32(0, true);

function message(value: number | Uint8Array): Uint8Array {
  if (typeof value === 'number') throw damaged();
  return value;
}
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const text = (value: number | Uint8Array): string => strictUtf8.decode(message(value));
const damaged = (): Error => new Error('tokenizer.model is damaged: it is no sentencepiece model');

/** Fields of a message: numbers (wire type 0), bytes (2), and four or eight bytes as they are (5, 1). */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw damaged();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw damaged();
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw damaged();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = number();
    const wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (wire === 0) yield { number: field, value: number() };
    else if (wire === 1) yield { number: field, value: take(8) };
    else if (wire === 2) yield { number: field, value: take(number()) };
    else if (wire === 5) yield { number: field, value: take(4) };
    else throw damaged();
  }
}
