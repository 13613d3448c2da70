import { jsonMembers } from '../bytes/json-members.ts';
import { dashboardFields, groupOf, positionOrNull, tokensAndValues } from '../dashboard-fields.ts';
import { Fields, RowError } from '../fields.ts';
import { ImportError } from '../import-error.ts';
import type { DirectAttribution, ImportedExample, ImportedFeature, Row, RowOwner } from '../records.ts';

/** What a batch says of itself, in front of its features. */
export interface BatchHeader {
  readonly modelId: string;
  readonly layer: number;
  readonly saeSet: string;
  readonly suffix: string | null;
}

/**
 * The source id of a batch in the grammar of Neuronpedia.
 *
 * @example sourceIdOf({ modelId: 'gpt2-small', layer: 8, saeSet: 'res-jb', suffix: null }) // '8-res-jb'
 */
export const sourceIdOf = ({ layer, saeSet, suffix }: BatchHeader): string =>
  `${layer}-${saeSet}${suffix ? `__${suffix}` : ''}`;

/** Reads no further than a batch's features. @throws ImportError when the file is no batch */
export async function readBatchHeader(bytes: AsyncIterable<Uint8Array>): Promise<BatchHeader> {
  const members: Row = {};
  for await (const { key, element, value } of jsonMembers(bytes, { elementsOf: 'features' })) {
    if (element === null) members[key] = value;
    else break;
  }
  return headerOf(members);
}

const headerKeys: readonly string[] = ['model_id', 'layer', 'sae_set', 'sae_id_suffix'];

function headerOf(members: Row): BatchHeader {
  try {
    const fields = new Fields(members);
    return {
      modelId: fields.string('model_id'),
      layer: fields.index('layer'),
      saeSet: fields.string('sae_set'),
      suffix: fields.stringOrNull('sae_id_suffix'),
    };
  } catch (error) {
    if (error instanceof RowError) throw new ImportError(`no batch of SAEDashboard: ${error.message}`);
    throw error;
  }
}

/**
 * The features of a `batch-*.json` of SAEDashboard, each followed by its examples, as the file's bytes come: memory holds
 * one feature. What can't be read is a RowError in its place; so is all of a batch of another source.
 *
 * @throws MalformedError
 */
export async function* readBatch(
  bytes: AsyncIterable<Uint8Array>,
  owner: RowOwner,
): AsyncGenerator<{ place: string | null; record: ImportedFeature | ImportedExample | RowError }> {
  const members: Row = {};
  let isForeign: boolean | null = null;
  for await (const { key, element, value } of jsonMembers(bytes, { elementsOf: 'features' })) {
    if (element === null) {
      if (isForeign !== null && headerKeys.includes(key))
        throw new ImportError(`"${key}" stands behind the features, where it names their source too late`);
      members[key] = value;
      continue;
    }
    if (isForeign === null) {
      const header = headerOf(members);
      isForeign = header.modelId !== owner.modelId || sourceIdOf(header) !== owner.sourceId;
      if (isForeign)
        yield {
          place: null,
          record: new RowError(
            `the batch is of ${header.modelId}/${sourceIdOf(header)}, not of ${owner.modelId}/${owner.sourceId}`,
          ),
        };
    }
    if (isForeign) continue;
    const place = `features[${element}]`;
    try {
      for (const record of featureAndExamples(value)) yield { place, record };
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      yield { place, record: error };
    }
  }
}

function featureAndExamples(value: unknown): (ImportedFeature | ImportedExample | RowError)[] {
  const fields = new Fields(value, 'the feature');
  const index = fields.index('feature_index');
  let maximum: number | null = null;
  const examples = fields.list('activations').map((each, i) => {
    try {
      const read = example(index, new Fields(each));
      maximum = Math.max(maximum ?? -Infinity, read.maximum);
      return read.record;
    } catch (error) {
      if (error instanceof RowError) return new RowError(`activations[${i}]: ${error.message}`);
      throw error;
    }
  });
  const vector = fields.numbers('vector');
  const feature: ImportedFeature = {
    kind: 'feature',
    index,
    ...dashboardFields(fields),
    // As SAEDashboard's own export has it: the greatest value of the examples.
    maximum,
    nearestFeatures: [],
    vector: vector.length > 0 ? { values: vector, label: null, hookPoint: null, defaultStrength: null } : null,
    scan: scan(fields),
  };
  return [feature, ...examples];
}

function example(index: number, fields: Fields): { record: ImportedExample; maximum: number } {
  const { tokens, values, position, maximum } = tokensAndValues(fields);
  return {
    maximum,
    record: {
      kind: 'example',
      index,
      id: null,
      tokens,
      tokenIds: null,
      values,
      position,
      group: groupOf(fields.number('bin_min'), fields.number('bin_max'), fields.number('bin_contains')),
      qualifyingPosition: positionOrNull(fields, 'qualifying_token_index', tokens.length),
      place: null,
      attribution: attribution(fields, tokens.length),
      attentionPairs: null,
      lossEffects: fields.numbers('loss_values'),
      logitContributions: fields.stringOrNull('logit_contributions'),
      dataSource: null,
      dataIndex: null,
    },
  };
}

function attribution(fields: Fields, length: number): DirectAttribution | null {
  const values = fields.numbers('dfa_values');
  // An example without is written as [], 0 and −1.
  if (values.length === 0) return null;
  return {
    values,
    tokens: null,
    target: positionOrNull(fields, 'dfa_targetIndex', length),
    maximum: fields.numberOrNull('dfa_maxValue'),
  };
}

function scan(fields: Fields): ImportedFeature['scan'] {
  const prompts = fields.numberOrNull('n_prompts_total');
  const tokensPerPrompt = fields.numberOrNull('n_tokens_in_prompt');
  return prompts === null || tokensPerPrompt === null
    ? null
    : { prompts, tokensPerPrompt, dataSet: fields.stringOrNull('dataset') ?? '' };
}
