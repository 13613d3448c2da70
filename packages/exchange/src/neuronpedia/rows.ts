import { dashboardFields, groupOf, positionOrNull, tokensAndValues } from '../dashboard-fields.ts';
import { Fields, RowError, zipped } from '../fields.ts';
import type {
  AttentionPairs,
  DirectAttribution,
  ImportedExample,
  ImportedFeature,
  ImportedLabel,
  ImportedScore,
  ImportedVector,
  RowOwner,
} from '../records.ts';

function checkOwner(fields: Fields, { modelId, sourceId }: RowOwner): void {
  const model = fields.string('modelId');
  const layer = fields.string('layer');
  if (model !== modelId || layer !== sourceId)
    throw new RowError(`the row is of ${model}/${layer}, not of ${modelId}/${sourceId}`);
}

/** A line of `features/batch-*.jsonl`. @throws RowError */
export function featureOfRow(row: unknown, owner: RowOwner): ImportedFeature {
  const fields = new Fields(row);
  checkOwner(fields, owner);
  const nearest = fields.indexes('topkCosSimIndices');
  const cosines = fields.numbers('topkCosSimValues');
  return {
    kind: 'feature',
    index: fields.index('index'),
    ...dashboardFields(fields),
    maximum: fields.numberOrNull('maxActApprox'),
    nearestFeatures: zipped({ topkCosSimIndices: nearest, topkCosSimValues: cosines }, (i) => ({
      index: nearest[i]!,
      cosine: cosines[i]!,
    })),
    vector: vectorOf(fields),
    scan: scanOf(ours(fields)),
  };
}

/** What our own exports have besides the columns of Neuronpedia. */
const ours = (fields: Fields): Fields => (fields.has('monosema') ? fields.object('monosema') : none);

const none = new Fields({});

function scanOf(more: Fields): ImportedFeature['scan'] {
  if (!more.has('scan')) return null;
  const scan = more.object('scan');
  return {
    prompts: scan.number('prompts'),
    tokensPerPrompt: scan.number('tokensPerPrompt'),
    dataSet: scan.string('dataSet'),
  };
}

function vectorOf(fields: Fields): ImportedVector | null {
  const values = fields.numbers('vector');
  if (values.length === 0) return null;
  return {
    values,
    label: fields.stringOrNull('vectorLabel'),
    hookPoint: fields.stringOrNull('hookName'),
    defaultStrength: fields.numberOrNull('vectorDefaultSteerStrength'),
  };
}

/** The two long lists of an example, where they were read apart from the rest of the line. */
export type ReadLists = Pick<ImportedExample, 'values' | 'position'> & { readonly tokens: string[] };

/** A line of `activations/batch-*.jsonl`. @throws RowError */
export function exampleOfRow(row: unknown, owner: RowOwner, lists?: ReadLists): ImportedExample {
  const fields = new Fields(row);
  checkOwner(fields, owner);
  const { tokens, values, position } = lists ?? tokensAndValues(fields);
  const more = ours(fields);
  const tokenIds = more.has('tokenIds') ? more.indexes('tokenIds') : null;
  if (tokenIds && tokenIds.length !== tokens.length)
    throw new RowError(`tokens has ${tokens.length} entries and tokenIds ${tokenIds.length}`);
  return {
    kind: 'example',
    index: fields.index('index'),
    id: fields.stringOrNull('id'),
    tokens,
    tokenIds,
    values,
    position,
    group:
      more.raw('group') === 'prompt'
        ? { kind: 'prompt' }
        : groupOf(fields.numberOrNull('binMin'), fields.numberOrNull('binMax'), fields.numberOrNull('binContains')),
    qualifyingPosition: positionOrNull(fields, 'qualifyingTokenIndex', tokens.length),
    place: placeOf(more),
    attribution: attributionOf(fields, more, tokens.length),
    attentionPairs: pairsOf(fields),
    lossEffects: fields.numbers('lossValues'),
    logitContributions: fields.stringOrNull('logitContributions'),
    dataSource: fields.stringOrNull('dataSource'),
    dataIndex: fields.stringOrNull('dataIndex'),
  };
}

function placeOf(more: Fields): ImportedExample['place'] {
  if (!more.has('place')) return null;
  const place = more.object('place');
  return { context: place.index('context'), position: place.index('position') };
}

function attributionOf(fields: Fields, more: Fields, length: number): DirectAttribution | null {
  const values = fields.numbers('dfaValues');
  if (values.length === 0) return null;
  return {
    values,
    tokens: more.has('attributionTokens') ? more.strings('attributionTokens') : null,
    target: positionOrNull(fields, 'dfaTargetIndex', length),
    maximum: fields.numberOrNull('dfaMaxValue'),
  };
}

/** `zIndices` is [key positions, query positions]; rows of a database have the two apart. */
function pairsOf(fields: Fields): AttentionPairs | null {
  if (!['zValues', 'zIndices', 'zKIndices', 'zQIndices'].some((field) => fields.has(field))) return null;
  const values = fields.numbers('zValues');
  const both = fields.list('zIndices');
  const pair = both.length > 0 ? new Fields({ zKIndices: both[0], zQIndices: both[1] }) : fields;
  const keyPositions = pair.indexes('zKIndices');
  const queryPositions = pair.indexes('zQIndices');
  zipped({ zKIndices: keyPositions, zQIndices: queryPositions, zValues: values }, () => null);
  return values.length === 0 ? null : { keyPositions, queryPositions, values };
}

/** A line of `explanations/batch-*.jsonl`. @throws RowError */
export function labelOfRow(row: unknown, owner: RowOwner): ImportedLabel {
  const fields = new Fields(row);
  checkOwner(fields, owner);
  // Text columns of Postgres hold no NUL; Neuronpedia's importer puts a space in its place.
  const text = fields.string('description').replaceAll('\0', ' ');
  if (text.trim() === '') throw new RowError('description is empty');
  const x = fields.numberOrNull('umap_x');
  const y = fields.numberOrNull('umap_y');
  // Columns of a database hold 0 for "never placed".
  const placed = x !== null && y !== null && (x !== 0 || y !== 0);
  return {
    kind: 'label',
    index: fields.index('index'),
    id: fields.stringOrNull('id'),
    text,
    authorId: fields.stringOrNull('authorId'),
    method: fields.stringOrNull('typeName'),
    modelName: fields.stringOrNull('explanationModelName'),
    embedding: embeddingOf(fields),
    map: placed
      ? {
          x,
          y,
          cluster: fields.numberOrNull('umap_cluster'),
          logSparsity: fields.numberOrNull('umap_log_feature_sparsity'),
        }
      : null,
    notes: fields.stringOrNull('notes'),
    createdAt: fields.stringOrNull('createdAt'),
    scores: fields.list('scores').map((each) => scoreOf(new Fields(each, 'scores'))),
    votes: fields.numberOrNull('votes'),
  };
}

/** An array; or a string of one, as a database without an adapter for vectors gives it. */
function embeddingOf(fields: Fields): Float32Array | null {
  const raw = fields.raw('embedding');
  if (raw === null) return null;
  let list: unknown = raw;
  if (typeof raw === 'string') {
    try {
      list = JSON.parse(raw);
    } catch {
      throw new RowError(`embedding is ${JSON.stringify(raw.slice(0, 40))}, not a list of numbers`);
    }
  }
  const values = Float32Array.from(new Fields({ embedding: list }).numbers('embedding'));
  if (!values.every(Number.isFinite)) throw new RowError('embedding holds what is no number');
  return values.length === 0 ? null : values;
}

const scoreOf = (fields: Fields): ImportedScore => ({
  value: fields.number('value'),
  type: fields.string('explanationScoreTypeName'),
  modelName: fields.stringOrNull('explanationScoreModelName'),
  details: fields.stringOrNull('jsonDetails'),
});
