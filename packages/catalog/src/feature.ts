import { z } from 'zod';

/** A token and a number about it: a logit effect, a count. */
export const tokenValueSchema = z.object({ token: z.number().int().min(0), value: z.number() });
export type TokenValue = z.infer<typeof tokenValueSchema>;

/** A context in which a feature fires: where its maximum is, and every position that fires. */
export const featureExampleSchema = z.object({
  /** Row of the token set. */
  context: z.number().int().min(0),
  /** Position of the maximum in the context. */
  position: z.number().int().min(0),
  maximum: z.number().positive(),
  /** Positions that fire, ascending, with their activations. */
  positions: z.array(z.number().int().min(0)),
  values: z.array(z.number().positive()),
});
export type FeatureExample = z.infer<typeof featureExampleSchema>;

/** Counts of positive activations in equal bins of [0, maximum]. */
export const activationHistogramSchema = z.object({
  maximum: z.number().min(0),
  counts: z.array(z.number().int().min(0)),
});
export type ActivationHistogram = z.infer<typeof activationHistogramSchema>;

/** Everything that a dashboard says of one feature; what `pipeline` makes and `db` stores. */
export const featureRecordSchema = z.object({
  index: z.number().int().min(0),
  /** Tokens on which it fires. */
  firings: z.number().int().min(0),
  /** Firings per scanned token, special tokens left out. */
  density: z.number().min(0).max(1),
  maximum: z.number().min(0),
  /** Mean over the tokens on which it fires. */
  mean: z.number().min(0),
  histogram: activationHistogramSchema,
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
});
export type FeatureRecord = z.infer<typeof featureRecordSchema>;

/** A prompt continued with a feature's direction added, beside the same without. */
export const steeringPreviewSchema = z.object({
  promptIndex: z.number().int().min(0),
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
  index: z.number().int().min(0),
  labels: z.array(z.string()),
  topTokens: z.array(z.string()),
  topLogits: z.array(z.string()),
  density: z.number(),
  score: z.number(),
});
export type SearchDocument = z.infer<typeof searchDocumentSchema>;
