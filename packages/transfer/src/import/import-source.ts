import type { Db } from '@monosema/db';
import {
  finishImport,
  getModel,
  getVocabulary,
  openImport,
  readImportedContexts,
  readImportedIndexes,
  upsertDataSet,
  upsertModel,
  getDataSet,
  writeImportedFile,
  type OpenImport,
} from '@monosema/db/queries';
import {
  readImport,
  type ImportFiles,
  type ImportPlan,
  type ImportProblem,
  type ImportRecord,
} from '@monosema/exchange';
import { ContextIndex } from './context-index.ts';
import { FileContent, type ImportMemory } from './file-content.ts';
import { ImportTokens } from './import-tokens.ts';
import { indexImport } from './index-import.ts';
import { importHeader, type ImportHeader } from './source-of-import.ts';

export interface ImportProgress {
  /** Files that are in the catalog, and of the source in all. */
  filesDone: number;
  files: number;
  /** As stored; `bytes` is null where the listing does not say. */
  bytesDone: number;
  bytes: number | null;
  features: number;
  examples: number;
  labels: number;
}

export interface ImportOptions {
  db: Db;
  files: ImportFiles;
  plan: ImportPlan;
  /** Names in place of those that the files say; needed where they say none. */
  modelId?: string;
  sourceId?: string;
  signal?: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
  /** Called for everything that is left out; the report counts them and the catalog keeps the first. */
  onProblem?: (problem: ImportProblem) => void;
}

export interface ImportReport extends ImportProgress {
  modelId: string;
  sourceId: string;
  importId: number;
  /** Files that an interrupted import had brought in before. */
  filesKept: number;
  problems: number;
  /** Whether every token is one of the model's. */
  hasModelTokens: boolean;
}

/**
 * Brings a source of Neuronpedia, SAEDashboard or sae_vis into the catalog. Each file is written with all that it holds
 * in one transaction; the source becomes visible, and is found by search, when the last one is in. Started again after
 * a kill, it goes on behind the last file that was written. Activations stay the float32 that the files say, texts of
 * tokens what they were.
 *
 * @throws ImportError when a file can't be read to its end, or names are missing; the signal's reason on abort
 * @example
 * const files = await openFiles('v1/gpt2-small/8-res-jb');
 * for await (const plan of findImports(files)) console.log(await importSource({ db, files, plan }));
 */
export async function importSource(options: ImportOptions): Promise<ImportReport> {
  const { db, files, plan, signal } = options;
  const header = importHeader(files, plan, await readHeader(options), options);
  await putPlace(db, header);
  const vocabulary = await getVocabulary(db, header.modelId);
  const open = await openImport(db, {
    ...{ location: header.source.provenance?.importedFrom ?? files.name, layout: plan.layout },
    ...{ source: header.source, dataSetId: header.dataSetId },
    ...{ tokens: header.scanned ?? 0, base: vocabulary?.size ?? 0 },
  });
  const memory = await recall(db, open, new ImportTokens(vocabulary, open), header.scanned);
  const report = await readFiles(options, open, memory, header);
  signal?.throwIfAborted();
  await finishImport(db, open, (tx) => indexImport(tx, open, header.source));
  return {
    ...report,
    ...{ modelId: header.modelId, sourceId: header.source.id, importId: open.id },
    ...{ filesKept: open.doneFiles.size, hasModelTokens: vocabulary !== null && memory.tokens.ownTokens.length === 0 },
  };
}

const metadataRoles = new Set(['release', 'model', 'source-set', 'source', 'settings']);

/** The metadata, and the first feature, which may say what was scanned. */
async function readHeader({ files, plan, signal }: ImportOptions): Promise<ImportRecord[]> {
  const records: ImportRecord[] = [];
  const isMetadata = ({ role }: ImportPlan['parts'][number]): boolean => metadataRoles.has(role);
  const onProblem = (): void => undefined;
  const read = (parts: ImportPlan['parts']) =>
    readImport(files, { ...plan, parts, unused: [] }, { onProblem, signal, ahead: 0 });
  for await (const record of read(plan.parts.filter(isMetadata))) records.push(record);
  const features = plan.parts.find(({ role }) => role === 'features' || role === 'batch' || role === 'page');
  if (features)
    for await (const record of read([features])) {
      if (record.kind !== 'feature') continue;
      records.push(record);
      break;
    }
  return records;
}

/** The model and data set that the source needs; what the catalog knows of them already stays. */
async function putPlace(db: Db, { model, dataSetId }: ImportHeader): Promise<void> {
  if (!(await getModel(db, model.id))) await upsertModel(db, model);
  if (!(await getDataSet(db, dataSetId)))
    await upsertDataSet(db, { id: dataSetId, displayName: dataSetId, origin: null, licence: null });
}

async function recall(
  db: Db,
  { tokenSetId, buildId }: OpenImport,
  tokens: ImportTokens,
  scanned: number | null,
): Promise<ImportMemory> {
  const contexts = new ContextIndex();
  for await (const context of readImportedContexts(db, tokenSetId)) contexts.add(context);
  const indexes = await readImportedIndexes(db, buildId);
  return { tokens, contexts, scanned, features: new Set(indexes.features), examples: new Set(indexes.examples) };
}

async function readFiles(
  options: ImportOptions,
  open: OpenImport,
  memory: ImportMemory,
  { width }: ImportHeader,
): Promise<ImportProgress & { problems: number }> {
  const { db, files, plan, signal } = options;
  const parts = plan.parts.filter(({ role }) => !metadataRoles.has(role));
  const sizes = parts.map(({ file }) => file.bytes);
  const progress = {
    ...{ filesDone: open.doneFiles.size, files: parts.length, bytesDone: 0 },
    bytes: sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    ...{ features: 0, examples: 0, labels: 0, problems: 0 },
  };
  for (const { file } of parts) if (open.doneFiles.has(file.path)) progress.bytesDone += file.bytes ?? 0;
  let content = new FileContent(memory);
  const onProblem = (problem: ImportProblem): void => {
    progress.problems++;
    content.problem(problem);
    options.onProblem?.(problem);
  };
  const records = readImport(
    files,
    { ...plan, parts },
    { done: open.doneFiles, onProblem, signal, ...(width !== null && { width }) },
  );
  let file = parts[0]?.file.path ?? '';
  for await (const record of records) {
    switch (record.kind) {
      case 'feature':
        progress.features++;
        content.feature(record, file);
        break;
      case 'example':
        progress.examples++;
        content.example(record, file);
        break;
      case 'label':
        progress.labels++;
        content.label(record);
        break;
      case 'file': {
        await writeImportedFile(db, open, content.finish(record));
        content = new FileContent(memory);
        progress.filesDone++;
        progress.bytesDone += record.bytes;
        const at = parts.findIndex((part) => part.file.path === record.file);
        file = parts[at + 1]?.file.path ?? file;
        options.onProgress?.({ ...progress });
        break;
      }
      default:
        break;
    }
  }
  return progress;
}
