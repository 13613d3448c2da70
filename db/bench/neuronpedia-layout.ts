import type { FeatureExample, FeatureRecord } from '@monosema/catalog';
import type { Database } from '../src/index.ts';

/** What the rows of one feature are made of. */
export interface WrittenFeature {
  record: FeatureRecord;
  /** Text of a token. */
  textOf: (token: number) => string;
  /** Tokens of a context. */
  contextAt: (context: number) => Int32Array;
}

/**
 * The two tables that hold a feature's dashboard in Neuronpedia's schema, columns and indexes as its Prisma schema has
 * them: one row per feature with its lists as arrays, one per example with every token as text and every activation as
 * float8.
 */
export async function createNeuronpediaTables({ sql }: Database): Promise<void> {
  await sql.unsafe(`
    create table "Neuron" (
      "modelId" text not null, "layer" text not null, "index" text not null, "sourceSetName" text, "creatorId" text,
      "createdAt" timestamp(3) not null default now(), "maxActApprox" float8, "hasVector" boolean not null default false,
      "vector" float8[], "vectorLabel" text, "vectorDefaultSteerStrength" float8 default 10, "hookName" text,
      "topkCosSimIndices" int[], "topkCosSimValues" float8[],
      "neuron_alignment_indices" int[], "neuron_alignment_values" float8[], "neuron_alignment_l1" float8[],
      "correlated_neurons_indices" int[], "correlated_neurons_pearson" float8[], "correlated_neurons_l1" float8[],
      "correlated_features_indices" int[], "correlated_features_pearson" float8[], "correlated_features_l1" float8[],
      "neg_str" text[], "neg_values" float8[], "pos_str" text[], "pos_values" float8[], "frac_nonzero" float8 not null default 0,
      "freq_hist_data_bar_heights" float8[], "freq_hist_data_bar_values" float8[],
      "logits_hist_data_bar_heights" float8[], "logits_hist_data_bar_values" float8[], "decoder_weights_dist" float8[],
      "umap_cluster" int, "umap_log_feature_sparsity" float8, "umap_x" float8, "umap_y" float8,
      primary key ("modelId", "layer", "index"));
    create index on "Neuron" ("modelId"); create index on "Neuron" ("modelId", "layer"); create index on "Neuron" ("maxActApprox");
    create index on "Neuron" ("creatorId"); create index on "Neuron" ("creatorId", "hasVector");
    create index on "Neuron" ("modelId", "creatorId", "hasVector"); create index on "Neuron" ("hasVector");
    create index on "Neuron" ("modelId", "hasVector");
    create table "Activation" (
      "id" text primary key, "tokens" text[], "dataIndex" text, "index" text not null, "layer" text not null, "modelId" text not null,
      "dataSource" text, "maxValue" float8 not null, "maxValueTokenIndex" int not null, "minValue" float8 not null, "values" float8[],
      "dfaValues" float8[], "dfaTargetIndex" int, "dfaMaxValue" float8, "zQIndices" int[], "zKIndices" int[], "zValues" float8[],
      "creatorId" text not null, "createdAt" timestamp(3) not null default now(), "lossValues" float8[], "logitContributions" text,
      "binMin" float8, "binMax" float8, "binContains" float8, "qualifyingTokenIndex" int);
    create index on "Activation" ("modelId", "layer", "index");`);
}

/** Who made the rows: an id as long as theirs. */
const creator = 'c'.padEnd(25, '0123456789abcdef');

export async function insertNeuronpediaRows({ sql }: Database, features: readonly WrittenFeature[]): Promise<void> {
  for (const feature of features) {
    await sql`insert into "Neuron" ${sql(neuronRow(feature))}`;
    const { examples } = feature.record;
    if (examples.length > 0)
      await sql`insert into "Activation" ${sql(examples.map((example, i) => activationRow(feature, example, i)))}`;
  }
}

function neuronRow({ record, textOf }: WrittenFeature) {
  const { histogram, details, topLogits, bottomLogits } = record;
  const { decoder, neurons, coFiring, logitHistogram } = details;
  const bars = ({ minimum, maximum, counts }: { minimum: number; maximum: number; counts: readonly number[] }) =>
    counts.map((_, i) => minimum + ((i + 0.5) * (maximum - minimum)) / counts.length);
  return {
    ...{ modelId: 'gpt2-small', layer: '8-res-jb', index: String(record.index), sourceSetName: 'res-jb' },
    ...{ creatorId: creator, maxActApprox: record.maximum, vector: [], frac_nonzero: record.density },
    topkCosSimIndices: decoder?.nearest.map(({ index }) => index) ?? [],
    topkCosSimValues: decoder?.nearest.map(({ cosine }) => cosine) ?? [],
    neuron_alignment_indices: decoder?.alignment.map(({ dimension }) => dimension) ?? [],
    neuron_alignment_values: decoder?.alignment.map(({ value }) => value) ?? [],
    neuron_alignment_l1: decoder?.alignment.map(({ share }) => share) ?? [],
    correlated_neurons_indices: neurons.map(({ index }) => index),
    correlated_neurons_pearson: neurons.map(({ pearson }) => pearson),
    correlated_neurons_l1: neurons.map(({ cosine }) => cosine),
    correlated_features_indices: coFiring.map(({ index }) => index),
    correlated_features_pearson: coFiring.map(({ pearson }) => pearson),
    correlated_features_l1: coFiring.map(({ cosine }) => cosine),
    neg_str: bottomLogits.map(({ token }) => textOf(token)),
    neg_values: bottomLogits.map(({ value }) => value),
    pos_str: topLogits.map(({ token }) => textOf(token)),
    pos_values: topLogits.map(({ value }) => value),
    freq_hist_data_bar_heights: histogram.counts,
    freq_hist_data_bar_values: bars(histogram),
    logits_hist_data_bar_heights: logitHistogram?.counts ?? [],
    logits_hist_data_bar_values: logitHistogram ? bars(logitHistogram) : [],
    decoder_weights_dist: decoder?.headShares ?? [],
  };
}

function activationRow({ record, textOf, contextAt }: WrittenFeature, example: FeatureExample, number: number) {
  const tokens = contextAt(example.context);
  const values = new Array<number>(tokens.length).fill(0);
  example.positions.forEach((position, i) => (values[position] = example.values[i]!));
  const group = record.groups.find(({ members }) => members.some((member) => member.example === number));
  return {
    ...{ id: `c${record.index.toString(36).padStart(8, '0')}${number.toString(36).padStart(16, '0')}` },
    ...{ tokens: [...tokens].map(textOf), index: String(record.index), layer: '8-res-jb', modelId: 'gpt2-small' },
    ...{ maxValue: example.maximum, maxValueTokenIndex: example.position, minValue: Math.min(...values), values },
    ...{ dfaValues: [], zQIndices: [], zKIndices: [], zValues: [], lossValues: [], creatorId: creator },
    ...{ binMin: group?.minimum ?? -1, binMax: group?.maximum ?? record.maximum, binContains: group?.share ?? -1 },
    qualifyingTokenIndex: example.position,
  };
}
