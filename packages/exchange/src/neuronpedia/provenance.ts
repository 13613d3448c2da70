import { Fields, RowError } from '../fields.ts';
import type { Row } from '../records.ts';

/** Which SAE a source is, and what its dashboards were made from, as far as its row says. */
export interface SourceProvenance {
  readonly saelensRelease: string | null;
  readonly saelensSaeId: string | null;
  readonly huggingFaceRepository: string | null;
  readonly huggingFaceFolder: string | null;
  /** Number of features. */
  readonly width: number | null;
  readonly hookPoint: string | null;
  readonly dataSet: string | null;
  readonly prompts: number | null;
  readonly tokensPerPrompt: number | null;
}

/**
 * Reads what a row of source.jsonl says of its SAE; SAELens's config may be JSON or a string of it, of version 6 or older.
 * Give the width to `readImport`, so that dashboards of another SAE are noticed.
 *
 * @throws RowError
 * @example provenanceOf({ id: '8-res-jb', modelId: 'gpt2-small', saelensConfig: { d_sae: 24576 } }).width // 24576
 */
export function provenanceOf(row: Row): SourceProvenance {
  const fields = new Fields(row, 'the source');
  const config = configOf(fields);
  const metadata = config.has('metadata') ? config.object('metadata') : new Fields({});
  return {
    saelensRelease: fields.stringOrNull('saelensRelease'),
    saelensSaeId: fields.stringOrNull('saelensSaeId'),
    huggingFaceRepository: fields.stringOrNull('hfRepoId'),
    huggingFaceFolder: fields.stringOrNull('hfFolderId'),
    width: config.has('d_sae') ? config.index('d_sae') : null,
    hookPoint:
      metadata.stringOrNull('hook_name') ?? config.stringOrNull('hook_name') ?? config.stringOrNull('hook_point'),
    dataSet: fields.stringOrNull('dataset'),
    prompts: fields.numberOrNull('num_prompts'),
    tokensPerPrompt: fields.numberOrNull('num_tokens_in_prompt'),
  };
}

function configOf(fields: Fields): Fields {
  const raw = fields.raw('saelensConfig');
  if (typeof raw !== 'string') return new Fields(raw ?? {}, 'saelensConfig');
  if (raw.trim() === '') return new Fields({});
  try {
    return new Fields(JSON.parse(raw), 'saelensConfig');
  } catch (error) {
    if (error instanceof RowError) throw error;
    throw new RowError('saelensConfig is no JSON');
  }
}
