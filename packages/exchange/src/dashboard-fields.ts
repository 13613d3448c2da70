import { RowError, zipped, type Fields } from './fields.ts';
import type { ExampleGroup, ImportedFeature, ImportedHistogram, ImportedTokenValue } from './records.ts';

/** The statistics that SAEDashboard and Neuronpedia write under the same names. */
export function dashboardFields(
  fields: Fields,
): Pick<
  ImportedFeature,
  | 'density'
  | 'activationHistogram'
  | 'logitHistogram'
  | 'topLogits'
  | 'bottomLogits'
  | 'neuronAlignment'
  | 'correlatedNeurons'
  | 'correlatedFeatures'
  | 'headShares'
> {
  return {
    density: fields.numberOrNull('frac_nonzero'),
    activationHistogram: histogram(fields, 'freq_hist_data_bar'),
    logitHistogram: histogram(fields, 'logits_hist_data_bar'),
    topLogits: tokenValues(fields, 'pos'),
    bottomLogits: tokenValues(fields, 'neg'),
    neuronAlignment: triples(fields, 'neuron_alignment', 'values').map(([index, value, l1Share]) => ({
      index,
      value,
      l1Share,
    })),
    correlatedNeurons: correlations(fields, 'correlated_neurons'),
    correlatedFeatures: correlations(fields, 'correlated_features'),
    headShares: fields.numbers('decoder_weights_dist'),
  };
}

function histogram(fields: Fields, name: string): ImportedHistogram | null {
  const centres = fields.numbers(`${name}_values`);
  const heights = fields.numbers(`${name}_heights`);
  if (centres.length !== heights.length)
    throw new RowError(`${name}_values has ${centres.length} entries and ${name}_heights ${heights.length}`);
  return centres.length === 0 ? null : { centres, heights };
}

function tokenValues(fields: Fields, side: 'pos' | 'neg'): ImportedTokenValue[] {
  const tokens = fields.strings(`${side}_str`);
  const values = fields.numbers(`${side}_values`);
  return zipped({ [`${side}_str`]: tokens, [`${side}_values`]: values }, (i) => ({
    token: tokens[i]!,
    value: values[i]!,
  }));
}

function triples(fields: Fields, name: string, second: string): [number, number, number][] {
  const indices = fields.indexes(`${name}_indices`);
  const middle = fields.numbers(`${name}_${second}`);
  const l1 = fields.numbers(`${name}_l1`);
  return zipped({ [`${name}_indices`]: indices, [`${name}_${second}`]: middle, [`${name}_l1`]: l1 }, (i) => [
    indices[i]!,
    middle[i]!,
    l1[i]!,
  ]);
}

const correlations = (fields: Fields, name: string) =>
  triples(fields, name, 'pearson').map(([index, pearson, cosine]) => ({ index, pearson, cosine }));

/** What the three numbers of a bin mean: −1, the maximum, −1 for the top group; an interval and its share else. */
export function groupOf(minimum: number | null, maximum: number | null, contains: number | null): ExampleGroup | null {
  if (minimum === null || maximum === null || contains === null) return null;
  if (minimum === -1 && contains === -1) return { kind: 'top', maximum };
  return { kind: 'interval', from: minimum, to: maximum, share: contains };
}

/**
 * An example's tokens and activations, and the greatest of them as in the file.
 *
 * @throws RowError unless they are as many, at least one, and all numbers
 */
export function tokensAndValues(fields: Fields): {
  tokens: string[];
  values: Float32Array;
  position: number;
  maximum: number;
} {
  const tokens = fields.strings('tokens');
  const numbers = fields.numbers('values');
  if (tokens.length !== numbers.length)
    throw new RowError(`tokens has ${tokens.length} entries and values ${numbers.length}`);
  if (tokens.length === 0) throw new RowError('tokens is empty');
  const values = Float32Array.from(numbers);
  let position = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) throw new RowError(`values[${i}] is ${numbers[i]}, not a number of float32`);
    // By the file's own numbers: rounded ones may be equal where they were not.
    if (numbers[i]! > numbers[position]!) position = i;
  }
  return { tokens, values, position, maximum: numbers[position]! };
}

/** A position in an example, or −1 for the BOS that was left out in front of it. */
export function positionOrNull(fields: Fields, field: string, length: number): number | null {
  const position = fields.numberOrNull(field);
  if (position === null) return null;
  if (Number.isInteger(position) && position >= -1 && position < length) return position;
  throw new RowError(`${field} is ${position}, not a position of ${length} tokens`);
}
