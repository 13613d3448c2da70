import { z } from 'zod';
import { FormatError } from '../format-error.ts';
import { elementCount } from '../named-array.ts';
import type { TensorInfo } from '../tensor-file.ts';
import { dtypeBytes } from './dtype.ts';
import { duplicateKey } from './duplicate-key.ts';
import { safetensorsLimits as limits } from './limits.ts';

/** One tensor of a file: its numbers are bytes `begin` to `end` of the data that follow the header. */
export interface TensorEntry extends TensorInfo {
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** Free text by key, as `{ format: 'pt' }`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Where the data begin in the file. */
  readonly dataStart: number;
}

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(size).max(limits.rank),
  data_offsets: z.tuple([size, size]),
});
const metadataSchema = z.record(z.string(), z.string());

const fail = (message: string): never => {
  throw new FormatError(`safetensors: ${message}`);
};

/**
 * Where the data begin in a file of `fileBytes` bytes.
 *
 * @param start its first 8 bytes
 */
export function headerEnd(start: Uint8Array, fileBytes: number): number {
  if (start.byteLength < 8) fail(`the file has ${fileBytes} bytes, but its header length alone takes 8`);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(limits.headerBytes))
    fail(`the header claims ${length} bytes, at most ${limits.headerBytes} are read`);
  const end = 8 + Number(length);
  if (end > fileBytes) fail(`the header claims ${length} bytes, but the file has only ${fileBytes}`);
  return end;
}

/**
 * Checks the header of a file of `fileBytes` bytes; see `readSafetensors` for the rules.
 *
 * @param text the bytes from the 8th to `headerEnd`
 */
export function parseHeader(text: Uint8Array, fileBytes: number): SafetensorsHeader {
  const dataStart = 8 + text.byteLength;
  const { __metadata__: metadata, ...entries } = headerObject(decodeText(text));
  const tensors = new Map<string, TensorEntry>();
  const names = Object.keys(entries);
  if (names.length > limits.tensors) fail(`${names.length} tensors, but at most ${limits.tensors} are read`);
  for (const name of names) tensors.set(name, checkEntry(name, entries[name]));
  checkLayout(tensors, fileBytes - dataStart);
  return { metadata: checkMetadata(metadata), tensors, dataStart };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('the header is not UTF-8 text');
  }
}

function headerObject(json: string): Record<string, unknown> {
  if (!json.startsWith('{')) fail('the header does not begin with "{"');
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(json) as Record<string, unknown>;
  } catch (error) {
    return fail(`the header is not JSON: ${(error as Error).message}`);
  }
  const twice = duplicateKey(json);
  return twice === null ? header : fail(`"${twice}" stands twice in the header`);
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  return metadataSchema.safeParse(metadata).data ?? fail('__metadata__ must map text to text');
}

function checkEntry(name: string, entry: unknown): TensorEntry {
  if (name.length > limits.nameLength)
    fail(`a tensor name of ${name.length} characters, at most ${limits.nameLength} are read`);
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`tensor "${name}": ${issue?.path.join('.') || 'entry'}: ${issue?.message}`);
  }
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = parsed.data;
  const bytes = Object.hasOwn(dtypeBytes, dtype) ? dtypeBytes[dtype] : undefined;
  if (bytes === undefined)
    return fail(`tensor "${name}" has dtype ${dtype}; known are ${Object.keys(dtypeBytes).join(', ')}`);
  const wanted = elementCount(shape) * bytes;
  if (end - begin !== wanted)
    fail(
      `tensor "${name}" of shape [${shape.join(', ')}] and dtype ${dtype} takes ${wanted} bytes, but data_offsets span ${end - begin}`,
    );
  return { dtype, shape, begin, end };
}

/** The tensors must cover the data exactly: no byte twice, none left over. */
function checkLayout(tensors: ReadonlyMap<string, TensorEntry>, dataBytes: number): void {
  let covered = 0;
  for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (end > dataBytes) fail(`tensor "${name}" ends at byte ${end} of the data, which has ${dataBytes}`);
    if (begin < covered) fail(`tensor "${name}" begins at byte ${begin} of the data, inside the tensor before it`);
    if (begin > covered) fail(`bytes ${covered} to ${begin} of the data, before tensor "${name}", belong to no tensor`);
    covered = end;
  }
  if (covered !== dataBytes) fail(`the last ${dataBytes - covered} bytes of the data belong to no tensor`);
}
