import { modelIdSchema, sourceIdSchema, type ModelRecord, type Provenance, type SourceRecord } from '@monosema/catalog';
import { ImportError, type ImportFiles, type ImportPlan, type ImportRecord } from '@monosema/exchange';

type Row = Readonly<Record<string, unknown>>;

/** What an import says of itself before its features come. */
export interface ImportHeader {
  modelId: string;
  source: SourceRecord;
  model: ModelRecord;
  dataSetId: string;
  /** Tokens that were scanned; null where nobody said so. */
  scanned: number | null;
  /** Features of the SAE, where its config is there. */
  width: number | null;
}

/**
 * The source, model and data set of an import, from the tables of metadata that it may have. What nobody says is null.
 *
 * @param given names that a person chose, in place of the import's
 * @throws ImportError when it has no name that a source can have here
 */
export function importHeader(
  files: ImportFiles,
  plan: ImportPlan,
  records: readonly ImportRecord[],
  given: { modelId?: string; sourceId?: string },
): ImportHeader {
  const row = (kind: 'release' | 'model' | 'source'): Row =>
    records.find((record): record is Extract<ImportRecord, { row: unknown }> => record.kind === kind)?.row ?? {};
  const [release, modelRow, sourceRow] = [row('release'), row('model'), row('source')];
  const modelId = checked(modelIdSchema, 'model', given.modelId ?? plan.modelId, files.name);
  const id = checked(sourceIdSchema, 'source', given.sourceId ?? plan.sourceId, files.name);
  const config = typeof sourceRow['saelensConfig'] === 'object' ? ((sourceRow['saelensConfig'] ?? {}) as Row) : {};
  const scan = records.find((record) => record.kind === 'feature')?.scan ?? null;
  const [prompts, perPrompt] = [natural(sourceRow['num_prompts']), natural(sourceRow['num_tokens_in_prompt'])];
  const width = natural(config['d_sae']);
  const provenance: Provenance = {
    release: text(sourceRow['saelensRelease']),
    saeId: text(sourceRow['saelensSaeId']),
    repository: text(sourceRow['hfRepoId']),
    revision: null,
    path: text(sourceRow['hfFolderId']),
    files: [],
    importedFrom: [files.name, plan.folder].filter((part) => part !== '').join('/'),
    creator: text(release['creatorName']),
    url: text(release['urls']) ?? text(sourceRow['url']),
    notes: text(sourceRow['notes']),
  };
  return {
    modelId,
    model: modelOf(modelId, modelRow),
    source: {
      ...{ modelId, id, architecture: null, dSae: width ?? 1, contract: null, evaluation: null, runId: null },
      hookPoint: text(config['hook_name']) ?? text(config['hook_point']),
      provenance,
    },
    dataSetId: text(sourceRow['dataset']) ?? scan?.dataSet ?? 'unknown text',
    scanned: prompts && perPrompt ? prompts * perPrompt : scan ? scan.prompts * scan.tokensPerPrompt : null,
    width,
  };
}

function checked(schema: typeof modelIdSchema, what: string, value: string | null, place: string): string {
  if (value === null) throw new ImportError(`${place} does not say its ${what}: give --${what}`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ImportError(`${place}: "${value}" can't be a ${what} here: ${parsed.error.issues[0]!.message}`);
}

const modelOf = (id: string, row: Row): ModelRecord => ({
  id,
  displayName: text(row['displayName']) ?? id,
  architecture: null,
  layers: natural(row['layers']),
  dModel: natural(row['dimension']),
  vocabularySize: null,
  contextSize: null,
  origin: text(row['website']),
  licence: null,
  hookPoints: [],
});

const text = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value : null);

/** 0 stands for unknown in these tables. */
const natural = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null;
