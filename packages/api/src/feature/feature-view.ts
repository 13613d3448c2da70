import type { Histogram, FeatureExample, SteeringPreview, Vocabulary } from '@monosema/catalog';
import type { FeaturePage, Label, SourceSummary } from '@monosema/db/queries';
import { textsOfContext, withTexts, type TokenText } from '../token-text.ts';

/** A context in which a feature fires, with its text. */
export interface ExampleView {
  /** Token ids of the context. */
  ids: number[];
  /** One text per id; their concatenation is the exact text. */
  texts: string[];
  /** Position of the maximum. */
  position: number;
  maximum: number;
  /** Positions that fire, ascending, and their activations. */
  positions: number[];
  values: number[];
}

/** Everything that a feature's page shows, in one answer. */
export interface FeatureView {
  source: SourceSummary;
  index: number;
  /** Tokens on which it fires; 0 for a dead feature. */
  firings: number;
  /** Firings per scanned token. */
  density: number;
  maximum: number;
  /** Mean over the tokens on which it fires. */
  mean: number;
  score: number;
  histogram: Histogram;
  /** Tokens whose logits it raises most, best first, and lowers most, lowest first. */
  topLogits: TokenText[];
  bottomLogits: TokenText[];
  /** Tokens on which it fires most, by summed activation. */
  topTokens: TokenText[];
  /** Highest maximum first. */
  examples: ExampleView[];
  /** By prompt, then by strength; empty until they are made. */
  steering: SteeringPreview[];
  /** Best first. */
  labels: Label[];
  /** The features before and after it, null at the ends. */
  previous: number | null;
  next: number | null;
}

/** Puts the texts of its tokens into a feature's page. */
export function viewFeature(page: FeaturePage, labels: Label[], vocabulary: Vocabulary | null): FeatureView {
  const { source, record, contexts, steering, previous, next } = page;
  return {
    source,
    ...record,
    topLogits: withTexts(vocabulary, record.topLogits),
    bottomLogits: withTexts(vocabulary, record.bottomLogits),
    topTokens: withTexts(vocabulary, record.topTokens),
    examples: record.examples.flatMap((example) => viewExample(example, contexts.get(example.context), vocabulary)),
    steering,
    labels,
    previous,
    next,
  };
}

function viewExample(
  example: FeatureExample,
  ids: Int32Array | undefined,
  vocabulary: Vocabulary | null,
): ExampleView[] {
  if (!ids) return [];
  const { position, maximum, positions, values } = example;
  return [{ ids: [...ids], texts: textsOfContext(vocabulary, ids), position, maximum, positions, values }];
}
