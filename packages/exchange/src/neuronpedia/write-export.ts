import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName, manifestOrNull, type Manifest } from '../files/manifest.ts';
import { ImportError } from '../import-error.ts';
import type { ImportRecord, Row } from '../records.ts';
import { BatchFiles, type WrittenFile } from './batch-files.ts';
import { rowOfExample, rowOfFeature, rowOfLabel } from './to-rows.ts';

export interface WriteExportOptions {
  readonly modelId: string;
  readonly sourceId: string;
  /** Features whose lines, and whose examples', are in one file. As Neuronpedia: 1,024. */
  readonly featuresPerFile?: number;
  /** Whether an export of the same source may be replaced. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
}

export interface ExportSummary {
  /** `{folder}/{modelId}/{sourceId}`. */
  readonly path: string;
  readonly features: number;
  readonly examples: number;
  readonly labels: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a source in Neuronpedia's v1 layout: `{folder}/{modelId}/{sourceId}/` with release.jsonl, model.jsonl,
 * sourceset.jsonl, source.jsonl, and `features/`, `activations/` and `explanations/` in files `batch-{n}.jsonl.gz`. File n
 * of the first two speaks of the same features, whatever the order of the records. A manifest.json in `folder` lists all
 * files with their checksums.
 *
 * The source appears at once, when all of it is written. What is given twice is written twice. Activations are written with
 * the fewest digits that give the same float32.
 *
 * @param records as `readImport` gives them, or made by whoever exports
 * @throws ImportError when there is such an export already and `replace` is not set
 * @example await writeExport('exports', readImport(files, plan), { modelId: 'gpt2-small', sourceId: '8-res-jb' })
 */
export async function writeExport(
  folder: string,
  records: AsyncIterable<ImportRecord> | Iterable<ImportRecord>,
  options: WriteExportOptions,
): Promise<ExportSummary> {
  const { modelId, sourceId, replace = false, signal } = options;
  for (const name of [modelId, sourceId])
    if (!/^[^/\\\0]+$/.test(name) || name.startsWith('.'))
      throw new ImportError(`"${name}" can't be the name of a folder`);
  const path = join(folder, modelId, sourceId);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists && !replace) throw new ImportError(`${path} exists already`);
  const partial = `${path}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const writer = new SourceWriter(partial, options);
    for await (const record of records) {
      signal?.throwIfAborted();
      await writer.add(record);
    }
    const { files, counts } = await writer.finish();
    await rm(path, { recursive: true, force: true });
    await rename(partial, path);
    await addToManifest(folder, `${modelId}/${sourceId}`, files);
    return { path, ...counts, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

const metadataFiles = {
  release: 'release.jsonl',
  model: 'model.jsonl',
  'source-set': 'sourceset.jsonl',
  source: 'source.jsonl',
} as const;

class SourceWriter {
  readonly #batches: BatchFiles;
  readonly #metadata: Partial<Record<keyof typeof metadataFiles, Row>> = {};
  /** The file of each feature. */
  readonly #fileOf = new Map<number, number>();
  readonly counts = { features: 0, examples: 0, labels: 0 };

  constructor(
    readonly folder: string,
    readonly options: WriteExportOptions,
  ) {
    this.#batches = new BatchFiles(folder);
  }

  async add(record: ImportRecord): Promise<void> {
    switch (record.kind) {
      case 'feature': {
        this.counts.features++;
        const path = `features/batch-${this.#batchOf(record.index)}.jsonl.gz`;
        return this.#batches.add(path, rowOfFeature(record, this.options));
      }
      case 'example': {
        const nth = this.counts.examples++;
        const path = `activations/batch-${this.#batchOf(record.index)}.jsonl.gz`;
        return this.#batches.add(path, rowOfExample(record, nth, this.options));
      }
      case 'label': {
        const nth = this.counts.labels++;
        const path = `explanations/batch-${Math.floor(nth / this.#perFile)}.jsonl.gz`;
        return this.#batches.add(path, rowOfLabel(record, nth, this.options));
      }
      case 'release':
      case 'model':
      case 'source-set':
      case 'source':
        this.#metadata[record.kind] = record.row;
        return;
      // Nothing of the layout says these.
      case 'skipped-features':
      case 'file':
        return;
    }
  }

  async finish(): Promise<{ files: WrittenFile[]; counts: SourceWriter['counts'] }> {
    const files = await this.#batches.finish();
    for (const [kind, row] of Object.entries(this.#metadataRows())) {
      const path = metadataFiles[kind as keyof typeof metadataFiles];
      const bytes = Buffer.from(`${JSON.stringify(row)}\n`);
      await writeFile(join(this.folder, path), bytes);
      files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    }
    return { files, counts: this.counts };
  }

  /** Every export names its model and source; they are this export's, whatever the records say. */
  #metadataRows(): Partial<Record<keyof typeof metadataFiles, Row>> {
    const { modelId, sourceId } = this.options;
    const setName = sourceId.replace(/^\d+-/, '').replace(/__.*$/, '');
    return {
      ...(this.#metadata.release && { release: this.#metadata.release }),
      model: { ...this.#metadata.model, id: modelId },
      'source-set': { name: setName, ...this.#metadata['source-set'], modelId },
      source: { setName, hasDashboards: this.counts.features > 0, ...this.#metadata.source, id: sourceId, modelId },
    };
  }

  get #perFile(): number {
    return this.options.featuresPerFile ?? 1024;
  }

  #batchOf(index: number): number {
    const known = this.#fileOf.get(index);
    if (known !== undefined) return known;
    const batch = Math.floor(this.#fileOf.size / this.#perFile);
    this.#fileOf.set(index, batch);
    return batch;
  }
}

async function addToManifest(folder: string, source: string, files: readonly WrittenFile[]): Promise<void> {
  const path = join(folder, manifestName);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const before = text === null ? null : manifestOrNull(text);
  if (text !== null && before === null) throw new ImportError(`${path} is no manifest of ours, and is left as it is`);
  const manifest: Manifest = {
    format: 'monosema-exchange',
    version: 1,
    files: [
      ...(before?.files ?? []).filter((file) => !file.path.startsWith(`${source}/`)),
      ...files.map((file) => ({ ...file, path: `${source}/${file.path}` })),
    ].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  await writeFile(`${path}.partial`, `${JSON.stringify(manifest, null, 1)}\n`);
  await rename(`${path}.partial`, path);
}
