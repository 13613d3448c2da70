import { Fields, RowError } from '../fields.ts';
import type { Row, SkippedFeatures, SourceRecord } from '../records.ts';
import type { ImportPlan } from '../import-plan.ts';

/**
 * What Neuronpedia's table of sources would hold of a run of SAEDashboard.
 *
 * @param settings content of run_settings.json, null where there is none
 * @throws RowError
 */
export function sourceOfRun({ modelId, sourceId }: ImportPlan, settings: unknown): SourceRecord {
  if (modelId === null || sourceId === null) throw new RowError('the batches name no model and source');
  const fields = new Fields(settings ?? {}, 'the settings');
  const row: Row & SourceRecord['row'] = {
    id: sourceId,
    modelId,
    setName: sourceId.replace(/^\d+-/, '').replace(/__.*$/, ''),
    hasDashboards: true,
    num_prompts: fields.numberOrNull('n_prompts_total'),
    num_tokens_in_prompt: fields.numberOrNull('n_tokens_in_prompt'),
    dataset: fields.stringOrNull('huggingface_dataset_path') || null,
    // A SAE of SAELens is named by release and id; a local one by its folder, which says nothing elsewhere.
    saelensRelease: fields.raw('from_local_sae') === true ? null : fields.stringOrNull('sae_set'),
    saelensSaeId: fields.raw('from_local_sae') === true ? null : fields.stringOrNull('sae_path'),
  };
  return { kind: 'source', row };
}

/** Content of skipped_indexes.json. @throws RowError */
export function skippedFeatures(value: unknown): SkippedFeatures {
  const fields = new Fields(value, 'the file');
  return {
    kind: 'skipped-features',
    indexes: fields.indexes('skipped_indexes'),
    logSparsityThreshold: fields.numberOrNull('log_sparsity'),
  };
}
