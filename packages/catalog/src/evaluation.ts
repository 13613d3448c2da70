import { z } from 'zod';

// With x the hook point's value and x_hat its reconstruction. "Ablated" means that tokens that count get zeros at the hook
// point while the others (BOS) keep their own; "mean ablated" that they get its mean; "everywhere" that every token gets
// zeros, BOS too, as SAELens measures it. Null is "not measured" or "not defined", never a claim.

/** Measures that every evaluation has. */
const firstMeasures = {
  /** Active latents per token. */
  l0: z.number(),
  /** Mean of |x - x_hat|². */
  mse: z.number(),
  /** 1 - Σ|x - x_hat|² / Σ|x - mean x|², over all tokens together. */
  explainedVariance: z.number(),
  /** (CE_ablated − CE_spliced) / (CE_ablated − CE_clean). */
  ceLossScore: z.number().nullable(),
  ceLossScoreEverywhere: z.number().nullable(),
  ceLossClean: z.number().nullable(),
  ceLossSpliced: z.number().nullable(),
  ceLossAblated: z.number().nullable(),
  ceLossAblatedEverywhere: z.number().nullable(),
};

/** Measures that evaluations of older versions lack. */
const laterMeasures = {
  /** Σ|f| per token. */
  l1: z.number(),
  /** 1 - explained variance. */
  fvu: z.number(),
  /** Mean over tokens of 1 - |x - x_hat|² / |x - mean x|². */
  explainedVarianceLegacy: z.number(),
  cosineSimilarity: z.number(),
  /** Means of |x| and |x_hat|, and of |x_hat| / |x|: below 1 an SAE shrinks. */
  l2NormIn: z.number(),
  l2NormOut: z.number(),
  l2Ratio: z.number(),
  /** Σ|x_hat|² / Σ x·x_hat: 1 when unbiased (Rajamanoharan et al. 2024, equation 10). */
  relativeReconstructionBias: z.number().nullable(),
  ceLossScoreMeanAblated: z.number().nullable(),
  ceLossMeanAblated: z.number().nullable(),
  /** 1 − KL_spliced / KL_ablated, KL(clean || …) of the next token's distribution, in nats. */
  klScore: z.number().nullable(),
  klScoreMeanAblated: z.number().nullable(),
  klScoreEverywhere: z.number().nullable(),
  klSpliced: z.number().nullable(),
  klAblated: z.number().nullable(),
  klMeanAblated: z.number().nullable(),
  klAblatedEverywhere: z.number().nullable(),
};

/** Measures that are made of sums over tokens, and so have intervals. */
export const evaluationMeasuresSchema = z.object({ ...firstMeasures, ...laterMeasures });
export type EvaluationMeasures = z.infer<typeof evaluationMeasuresSchema>;
export type EvaluationMeasureName = keyof EvaluationMeasures;
export const evaluationMeasureNames = Object.keys(evaluationMeasuresSchema.shape) as EvaluationMeasureName[];

/** How many features are active at which share of tokens, by the logarithm (base 10) of that share; dead ones not. */
export const densityHistogramSchema = z.object({
  /** Where the first bin begins; rarer features are in it. */
  from: z.number(),
  binWidth: z.number().positive(),
  counts: z.array(z.number().int().min(0)),
});
export type DensityHistogram = z.infer<typeof densityHistogramSchema>;

const laterFields = {
  contexts: z.number().int().positive(),
  /** Features that are active at more than 1 % and more than 10 % of tokens. */
  featuresOver1Percent: z.number().int().min(0),
  featuresOver10Percent: z.number().int().min(0),
  densityHistogram: densityHistogramSchema,
  /** Mean over features of the cosine with the most similar other one: of decoder rows, of encoder columns. */
  decoderSimilarity: z.number().nullable(),
  encoderSimilarity: z.number().nullable(),
  /** Mean over features of the cosine of encoder column and decoder row; null of transcoders, whose widths differ. */
  encoderDecoderCosine: z.number().nullable(),
  /** 95 % intervals, contexts drawn again (bootstrap); null where contexts are too few. */
  intervals: z.partialRecord(z.enum(evaluationMeasureNames), z.tuple([z.number(), z.number()])).nullable(),
};

/** How well an SAE does on held-out text. */
export const evaluationSchema = z.object({
  /** Tokens that count: special ones don't. */
  tokens: z.number().int().positive(),
  ...firstMeasures,
  /** Features that are never active on this text. */
  deadFeatures: z.number().int().min(0),
  deadFraction: z.number().min(0).max(1),
  ...z.object({ ...laterMeasures, ...laterFields }).partial().shape,
});
export type Evaluation = z.infer<typeof evaluationSchema>;
