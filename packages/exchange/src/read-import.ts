import { createHash } from 'node:crypto';
import { gunzipped } from './bytes/gunzip.ts';
import { jsonOfLine, numberedLines } from './bytes/json-lines.ts';
import { parseJson } from './bytes/json-text.ts';
import type { ImportFile, ImportFiles } from './files/import-files.ts';
import { readAhead, type ReadAhead } from './files/read-ahead.ts';
import { RowError } from './fields.ts';
import { ImportError, type ImportProblem } from './import-error.ts';
import type { ImportPart, ImportPlan } from './import-plan.ts';
import { metadataRecord } from './neuronpedia/metadata.ts';
import { ExampleLineReader } from './neuronpedia/example-line.ts';
import { exampleOfRow, featureOfRow, labelOfRow } from './neuronpedia/rows.ts';
import type { ImportRecord, RowOwner } from './records.ts';
import { readPage } from './sae-vis/read-page.ts';
import { readBatch } from './saedashboard/read-batch.ts';
import { skippedFeatures, sourceOfRun } from './saedashboard/read-settings.ts';

export interface ReadImportOptions {
  /** Files that need not be read again, by path: those of an earlier, interrupted import. */
  readonly done?: ReadonlySet<string>;
  /** Called for everything that is left out. The default throws: nothing is left out silently. */
  readonly onProblem?: (problem: ImportProblem) => void;
  /** Bytes read of the present file, as stored. */
  readonly onBytes?: (file: string, bytes: number) => void;
  /** Number of features of the SAE; what has a higher index is a problem. */
  readonly width?: number;
  /** How many of the next files come while one is read. Default 2, of 4 MiB each. */
  readonly ahead?: number;
  readonly signal?: AbortSignal;
}

/** A record, or the reason why there is none, and where in the file it stands. */
interface Read {
  readonly place: string | null;
  readonly record: ImportRecord | RowError;
}

/**
 * Reads a source, record by record, in the order of its files; each file ends with a record of kind `file`. Memory holds
 * one row, or one feature of SAEDashboard and sae_vis.
 *
 * Files are checked: gzip's own checksum, the size and checksum that the listing promises, and the model and source of
 * every row.
 *
 * @throws ImportError when a file can't be read to its end, or `onProblem` is left out and there is one
 * @example
 * const files = await folderFiles('v1/gpt2-small/8-res-jb');
 * for await (const plan of findImports(files))
 *   for await (const record of readImport(files, plan, { onProblem: (problem) => problems.push(problem) })) …
 */
export async function* readImport(
  files: ImportFiles,
  plan: ImportPlan,
  options: ReadImportOptions = {},
): AsyncGenerator<ImportRecord> {
  const left = options.onProblem ?? refuse;
  for (const problem of plan.unused) options.onProblem?.(problem);
  // SAEDashboard has a table of sources only in its settings, which may be missing.
  if (plan.layout === 'saedashboard' && !plan.parts.some(({ role }) => role === 'settings'))
    yield sourceOfRun(plan, null);
  const parts = plan.parts.filter(({ file }) => !options.done?.has(file.path));
  const begun = new Map<ImportPart, ReadAhead>();
  const begin = (part: ImportPart): ReadAhead => {
    const bytes = begun.get(part) ?? readAhead((signal) => files.read(part.file, signal), options.signal);
    begun.set(part, bytes);
    return bytes;
  };
  try {
    for (const [i, part] of parts.entries()) {
      const { file } = part;
      const bytes = begin(part);
      parts.slice(i + 1, i + 1 + (options.ahead ?? 2)).forEach(begin);
      const watched = watch(bytes, file, options);
      let records = 0;
      let problems = 0;
      try {
        for await (const { place, record } of readPart(part, plan, watched.bytes)) {
          options.signal?.throwIfAborted();
          const kept = record instanceof RowError ? record : (beyondWidth(record, options.width) ?? record);
          if (kept instanceof RowError) {
            problems++;
            left({ file: file.path, place, reason: kept.message });
            continue;
          }
          records++;
          yield kept;
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        throw new ImportError(`${files.name}: ${file.path}: ${(error as Error).message}`, { cause: error });
      }
      begun.delete(part);
      yield { kind: 'file', file: file.path, ...watched.result(), records, problems };
    }
  } finally {
    for (const bytes of begun.values()) bytes.stop();
  }
}

function refuse({ file, place, reason }: ImportProblem): never {
  throw new ImportError(`${place ?? 'the file'}: ${reason}`, { cause: file });
}

function beyondWidth(record: ImportRecord, width = Infinity): RowError | null {
  return 'index' in record && record.index >= width
    ? new RowError(`feature ${record.index} is none of an SAE with ${width} features`)
    : null;
}

function readPart(part: ImportPart, plan: ImportPlan, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Read> {
  const owner = { modelId: plan.modelId ?? '', sourceId: plan.sourceId ?? '' };
  switch (part.role) {
    case 'release':
    case 'model':
    case 'source-set':
    case 'source': {
      const { role } = part;
      return rows(bytes, (row) => metadataRecord(role, row));
    }
    case 'features':
      return rows(bytes, (row) => featureOfRow(row, owner));
    case 'examples':
      return examples(bytes, owner);
    case 'labels':
      return rows(bytes, (row) => labelOfRow(row, owner));
    case 'settings':
      return whole(bytes, (value) => sourceOfRun(plan, value));
    case 'skipped-features':
      return whole(bytes, skippedFeatures);
    case 'batch':
      return readBatch(gunzipped(bytes), owner);
    case 'page':
      return readPage(part.file.path, bytes);
  }
}

async function* rows(bytes: AsyncIterable<Uint8Array>, read: (row: unknown) => ImportRecord): AsyncGenerator<Read> {
  for await (const lines of numberedLines(gunzipped(bytes)))
    for (const { line, bytes } of lines)
      yield { place: `line ${line}`, record: orRowError(() => read(jsonOfLine(bytes))) };
}

async function* examples(bytes: AsyncIterable<Uint8Array>, owner: RowOwner): AsyncGenerator<Read> {
  const reader = new ExampleLineReader();
  for await (const lines of numberedLines(gunzipped(bytes)))
    for (const { line, bytes } of lines) yield { place: `line ${line}`, record: exampleOfLine(reader, bytes, owner) };
}

function exampleOfLine(reader: ExampleLineReader, bytes: Uint8Array, owner: RowOwner): ImportRecord | RowError {
  try {
    const quick = reader.read(bytes);
    return quick ? exampleOfRow(quick.row, owner, quick) : exampleOfRow(jsonOfLine(bytes), owner);
  } catch (error) {
    return asRowError(error);
  }
}

async function* whole(bytes: AsyncIterable<Uint8Array>, read: (value: unknown) => ImportRecord): AsyncGenerator<Read> {
  const pieces: Uint8Array[] = [];
  for await (const piece of gunzipped(bytes)) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  yield { place: null, record: orRowError(() => read(parseJson(text))) };
}

function orRowError(read: () => ImportRecord): ImportRecord | RowError {
  try {
    return read();
  } catch (error) {
    return asRowError(error);
  }
}

function asRowError(error: unknown): RowError {
  if (error instanceof RowError) return error;
  if (error instanceof SyntaxError) return new RowError(`no JSON: ${error.message}`);
  throw error;
}

/** A file's bytes on their way to a reader, hashed and counted, and checked once all have come. */
function watch(stored: AsyncIterable<Uint8Array>, file: ImportFile, { onBytes }: ReadImportOptions) {
  const sha256 = createHash('sha256');
  const md5 = file.checksum?.algorithm === 'md5' ? createHash('md5') : null;
  let count = 0;
  let hex: string | null = null;
  const bytes = (async function* () {
    for await (const piece of stored) {
      sha256.update(piece);
      md5?.update(piece);
      count += piece.length;
      onBytes?.(file.path, count);
      yield piece;
    }
    hex = sha256.digest('hex');
    if (file.bytes !== null && count !== file.bytes)
      throw new ImportError(`it has ${count} bytes, and should have ${file.bytes}`);
    const found = md5?.digest('hex') ?? hex;
    if (file.checksum && found !== file.checksum.hex)
      throw new ImportError(`its ${file.checksum.algorithm} is ${found}, and should be ${file.checksum.hex}`);
  })();
  return {
    bytes,
    result: () => ({ bytes: count, sha256: hex ?? '' }),
  };
}
