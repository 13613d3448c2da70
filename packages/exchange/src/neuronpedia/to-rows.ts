import { createHash } from 'node:crypto';
import type { ImportedExample, ImportedFeature, ImportedLabel, Row, RowOwner } from '../records.ts';
import { shortestList } from './float32-text.ts';

/** Neuronpedia's own account, to which its importer gives every row. */
const defaultAuthor = 'clkht01d40000jv08hvalcvly';

/** A line of `features/`. What Neuronpedia has no column for is under `monosema`, which its importer passes over. */
export function rowOfFeature(feature: ImportedFeature, { modelId, sourceId }: RowOwner): Row {
  const { activationHistogram, logitHistogram, vector, scan } = feature;
  return {
    modelId,
    layer: sourceId,
    index: String(feature.index),
    maxActApprox: feature.maximum,
    creatorId: defaultAuthor,
    frac_nonzero: feature.density,
    freq_hist_data_bar_heights: activationHistogram?.heights ?? [],
    freq_hist_data_bar_values: activationHistogram?.centres ?? [],
    logits_hist_data_bar_heights: logitHistogram?.heights ?? [],
    logits_hist_data_bar_values: logitHistogram?.centres ?? [],
    neuron_alignment_indices: feature.neuronAlignment.map(({ index }) => index),
    neuron_alignment_values: feature.neuronAlignment.map(({ value }) => value),
    neuron_alignment_l1: feature.neuronAlignment.map(({ l1Share }) => l1Share),
    ...correlations('correlated_neurons', feature.correlatedNeurons),
    ...correlations('correlated_features', feature.correlatedFeatures),
    decoder_weights_dist: feature.headShares,
    neg_str: feature.bottomLogits.map(({ token }) => token),
    neg_values: feature.bottomLogits.map(({ value }) => value),
    pos_str: feature.topLogits.map(({ token }) => token),
    pos_values: feature.topLogits.map(({ value }) => value),
    topkCosSimIndices: feature.nearestFeatures.map(({ index }) => index),
    topkCosSimValues: feature.nearestFeatures.map(({ cosine }) => cosine),
    vector: vector?.values ?? [],
    vectorLabel: vector?.label ?? null,
    hookName: vector?.hookPoint ?? null,
    vectorDefaultSteerStrength: vector?.defaultStrength ?? null,
    hasVector: vector !== null,
    ...(scan && { monosema: { scan } }),
  };
}

const correlations = (name: string, list: ImportedFeature['correlatedNeurons']): Row => ({
  [`${name}_indices`]: list.map(({ index }) => index),
  [`${name}_pearson`]: list.map(({ pearson }) => pearson),
  [`${name}_l1`]: list.map(({ cosine }) => cosine),
});

/** A line of `activations/`. @param nth number of the example, from which it has its id where it has none */
export function rowOfExample(example: ImportedExample, nth: number, { modelId, sourceId }: RowOwner): Row {
  const { attribution, attentionPairs, tokenIds, place, group } = example;
  const values = shortestList(example.values);
  const more = {
    ...(tokenIds && { tokenIds }),
    ...(place && { place }),
    ...(attribution?.tokens && { attributionTokens: attribution.tokens }),
    ...(group?.kind === 'prompt' && { group: 'prompt' }),
  };
  return {
    id: example.id ?? idOf(modelId, sourceId, example.index, nth),
    modelId,
    layer: sourceId,
    index: String(example.index),
    creatorId: defaultAuthor,
    dataSource: example.dataSource,
    dataIndex: example.dataIndex,
    tokens: example.tokens,
    maxValue: values[example.position],
    minValue: Math.min(...values),
    values,
    maxValueTokenIndex: example.position,
    dfaValues: attribution?.values ?? [],
    dfaMaxValue: attribution?.maximum ?? null,
    dfaTargetIndex: attribution?.target ?? null,
    lossValues: example.lossEffects,
    logitContributions: example.logitContributions,
    ...binOf(group),
    qualifyingTokenIndex: example.qualifyingPosition,
    ...(attentionPairs && {
      zIndices: [attentionPairs.keyPositions, attentionPairs.queryPositions],
      zValues: attentionPairs.values,
    }),
    ...(Object.keys(more).length > 0 && { monosema: more }),
  };
}

function binOf(group: ImportedExample['group']): Row {
  switch (group?.kind) {
    case 'top':
      return { binMin: -1, binMax: group.maximum, binContains: -1 };
    case 'interval':
      return { binMin: group.from, binMax: group.to, binContains: group.share };
    default:
      return { binMin: null, binMax: null, binContains: null };
  }
}

/** A line of `explanations/`, with the scores and votes that Neuronpedia's own exports leave out. */
export function rowOfLabel(label: ImportedLabel, nth: number, { modelId, sourceId }: RowOwner): Row {
  const { embedding, map, notes, createdAt } = label;
  return {
    id: label.id ?? idOf(modelId, sourceId, label.index, nth, 'label'),
    modelId,
    layer: sourceId,
    index: String(label.index),
    authorId: label.authorId ?? defaultAuthor,
    description: label.text,
    // As its database gives it.
    embedding: embedding && `[${shortestList(embedding).join(',')}]`,
    typeName: label.method,
    explanationModelName: label.modelName,
    umap_x: map?.x ?? 0,
    umap_y: map?.y ?? 0,
    umap_cluster: map?.cluster ?? 0,
    umap_log_feature_sparsity: map?.logSparsity ?? 0,
    ...(notes !== null && { notes }),
    ...(createdAt !== null && { createdAt }),
    scores: label.scores.map(({ value, type, modelName, details }) => ({
      value,
      explanationScoreTypeName: type,
      explanationScoreModelName: modelName,
      jsonDetails: details,
    })),
    votes: label.votes,
  };
}

/** An id in the form of Neuronpedia's, the same in every export of the same rows. */
function idOf(...parts: (string | number)[]): string {
  const hex = createHash('sha256').update(parts.join('/')).digest('hex');
  return `c${BigInt(`0x${hex.slice(0, 32)}`)
    .toString(36)
    .padStart(25, '0')
    .slice(0, 24)}`;
}
