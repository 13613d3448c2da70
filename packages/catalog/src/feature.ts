import { z } from 'zod';

const natural = z.number().int().min(0);

/** A token and a number about it: a logit effect, a count. */
export const tokenValueSchema = z.object({ token: natural, value: z.number() });
export type TokenValue = z.infer<typeof tokenValueSchema>;

/**
 * Direct feature attribution of an attention SAE: what each source position, through the heads' values, added to the
 * feature at position `target`.
 */
export const directAttributionSchema = z.object({
  target: natural,
  /** One per position of the context. */
  values: z.array(z.number()),
});
export type DirectAttribution = z.infer<typeof directAttributionSchema>;

/** A context in which a feature fires: where its maximum is, and every position that fires. */
export const featureExampleSchema = z.object({
  /** Row of the token set. */
  context: natural,
  /** Position of the maximum in the context. */
  position: natural,
  /** Positive for an SAE's latents; a neuron's may be anything. */
  maximum: z.number(),
  /** Positions whose activation is not 0, ascending, with their activations. */
  positions: z.array(natural),
  values: z.array(z.number()),
  attribution: directAttributionSchema.optional(),
  /** Per position, how much the loss of the next token rises when the feature is ablated. */
  lossEffects: z.array(z.number()).optional(),
});
export type FeatureExample = z.infer<typeof featureExampleSchema>;

/**
 * Examples that were chosen together: those with the highest maxima; some from an interval of activations, all of equal
 * width; some from a quantile of the firings, all of equal number; or texts that somebody chose.
 */
export const exampleGroupSchema = z.object({
  kind: z.enum(['top', 'interval', 'quantile', 'prompt']),
  /** The range of activations that it stands for; null where nobody said so. */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** Share of the firings that lie in that range (of an import: as it counted); null for the top group. */
  share: z.number().min(0).max(1).nullable(),
  /** Which examples, as numbers of the record's list, and the position that put each of them here. */
  members: z.array(z.object({ example: natural, position: natural })),
});
export type ExampleGroup = z.infer<typeof exampleGroupSchema>;

/** Counts in bins of equal width over [minimum, maximum]. */
export const histogramSchema = z.object({
  minimum: z.number(),
  maximum: z.number(),
  counts: z.array(natural),
  /** Where an import's bars stand, if it said so itself; as many as counts. */
  bars: z.array(z.number()).optional(),
});
export type Histogram = z.infer<typeof histogramSchema>;

/** Another feature, or a neuron, that goes along with a feature over the scanned tokens. */
export const correlateSchema = z.object({
  index: natural,
  /** Correlation of the activations over all scanned tokens (Pearson). */
  pearson: z.number(),
  /** Cosine of the activations, not centred. */
  cosine: z.number(),
});
export type Correlate = z.infer<typeof correlateSchema>;

/** What a feature's decoder direction says by itself. */
export const decoderViewSchema = z.object({
  /** Its length; features are shown as if it were 1. Null where nobody said so. */
  norm: z.number().nullable(),
  /** Its largest coordinates in the basis of the hook point, and each one's share of the sum of all magnitudes. */
  alignment: z.array(z.object({ dimension: natural, value: z.number(), share: z.number() })),
  /** Features whose decoder directions are nearest, by cosine, best first. */
  nearest: z.array(z.object({ index: natural, cosine: z.number() })),
  /** Share of the direction in each head; attention SAEs. */
  headShares: z.array(z.number()),
});
export type DecoderView = z.infer<typeof decoderViewSchema>;

/** What a page shows beyond the numbers that tables sort by. Null or empty where it was not computed or does not apply. */
export const featureDetailsSchema = z.object({
  /** Of the activations that are not 0: moments about the mean; skewness and excess kurtosis are standardised. */
  moments: z.object({ variance: z.number().min(0), skewness: z.number(), kurtosis: z.number() }).nullable(),
  /** Counts of log10 of the positive activations. */
  logHistogram: histogramSchema.nullable(),
  /** Counts of the logit effects on all ranked tokens. */
  logitHistogram: histogramSchema.nullable(),
  decoder: decoderViewSchema.nullable(),
  /** Features that fire on the same tokens, most correlated first. */
  coFiring: z.array(correlateSchema),
  /** Neurons of the same hook point (its coordinates) that go along with it, most correlated first. */
  neurons: z.array(correlateSchema),
});
export type FeatureDetails = z.infer<typeof featureDetailsSchema>;

/** Nothing known beyond the numbers. */
export const noDetails: FeatureDetails = {
  ...{ moments: null, logHistogram: null, logitHistogram: null, decoder: null },
  ...{ coFiring: [], neurons: [] },
};

/** Everything that a dashboard says of one feature; what `pipeline` makes and `db` stores. */
export const featureRecordSchema = z.object({
  index: natural,
  /** Tokens on which it fires. */
  firings: natural,
  /** Firings per scanned token, special tokens left out. */
  density: z.number().min(0).max(1),
  maximum: z.number(),
  /** Mean over the tokens on which it fires. */
  mean: z.number(),
  /** Counts of the activations that are not 0. */
  histogram: histogramSchema,
  /** Tokens whose logits its decoder direction raises most, best first. */
  topLogits: z.array(tokenValueSchema),
  /** Tokens whose logits it lowers most, lowest first. */
  bottomLogits: z.array(tokenValueSchema),
  /** Tokens on which it fires most, by summed activation, best first. */
  topTokens: z.array(tokenValueSchema),
  /** How specific the feature looks, 0 to 1: see pipeline/score. 0 for a dead feature. */
  score: z.number().min(0).max(1),
  /** Highest maximum first, one per context. */
  examples: z.array(featureExampleSchema),
  /** Why each of them is shown. */
  groups: z.array(exampleGroupSchema),
  details: featureDetailsSchema,
});
export type FeatureRecord = z.infer<typeof featureRecordSchema>;

/** A prompt continued with a feature's direction added, beside the same without. */
export const steeringPreviewSchema = z.object({
  promptIndex: natural,
  prompt: z.string(),
  /** Multiple of the unit decoder direction added at the hook point. */
  strength: z.number(),
  baseline: z.string(),
  steered: z.string(),
});
export type SteeringPreview = z.infer<typeof steeringPreviewSchema>;

/** What a search engine knows of a feature. */
export const searchDocumentSchema = z.object({
  modelId: z.string(),
  sourceId: z.string(),
  index: natural,
  labels: z.array(z.string()),
  topTokens: z.array(z.string()),
  topLogits: z.array(z.string()),
  density: z.number(),
  score: z.number(),
});
export type SearchDocument = z.infer<typeof searchDocumentSchema>;
