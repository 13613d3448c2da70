import type { Evaluation } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import { hookPointNamed, type Model } from '@monosema/model';
import { checkContexts, spread } from '../contexts.ts';
import { outputWidth } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import { ActivitySums, densityHistogram } from './activity-sums.ts';
import { ContextSums } from './context-sums.ts';
import { runChunks, type ChunkPass } from './chunks.ts';
import { evaluationProgram, splicePoint, sumProgram } from './evaluation-program.ts';
import { bootstrapIntervals } from './intervals.ts';
import { measuresOf } from './measures.ts';
import { weightMeasures, type WeightMeasures } from './weight-measures.ts';

/** Tokens that the mean of the mean ablation is taken of at most. */
const MEAN_TOKENS = 32_768;
/** The bootstrap draws among at most this many groups of contexts. */
const GROUPS = 1024;

export interface EvaluationOptions {
  engine: Engine;
  model: Model;
  sae: Sae;
  /** Rows of token ids of one length; text that the SAE was not trained on. */
  contexts: Int32Array[];
  /** Tokens that don't count; those of the SAE's contract by default. */
  excludedTokens?: readonly number[];
  /** False leaves out what needs the model behind the hook point: CE loss and KL. */
  losses?: boolean;
  /**
   * For how many features, taken evenly, the most similar other one is looked for; by default as many as a quarter of the
   * tokens, at least 1,024: a quarter of the time that encoding takes.
   */
  similarityFeatures?: number;
  /** Called now and then with the tokens that are done. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What text and weights say of each feature, all [d_sae]. */
export interface FeatureMeasures extends WeightMeasures {
  /** Share of tokens at which it is active. */
  density: Float64Array;
  /** At how many tokens it is active in contexts in which it is active at all; NaN when it never is. */
  firingsPerContext: Float64Array;
}

/**
 * Measures an SAE on text. Tokens that the SAE's contract excludes (BOS among them) don't count anywhere: not in sums,
 * not in losses, and they keep their own values where reconstructions or ablations are spliced in. What each measure is
 * stands beside its name in `evaluationSchema` of the catalog. Formulas are SAELens's (6.54, `evals.py`), sums are in
 * float64 over all tokens, intervals are bootstrapped over contexts. Where SAELens differs: it zeroes BOS as well, which
 * is what `…Everywhere` measures; it averages the reconstruction bias over batches, here it is one ratio; a
 * reconstruction of zeros has a cosine of 0 here and NaN there.
 *
 * @throws Error when SAE, model and contexts don't belong together; the signal's reason on abort
 * @example const { explainedVariance, l0, intervals } = await evaluateSae({ engine, model, sae, contexts: heldOut })
 */
export async function evaluateSae(options: EvaluationOptions): Promise<Evaluation> {
  return (await evaluateSaeWithFeatures(options)).evaluation;
}

/**
 * As `evaluateSae`, with the measures of each feature.
 *
 * @example
 * const { evaluation, features } = await evaluateSaeWithFeatures({ engine, model, sae, contexts: heldOut });
 * console.log(features.density[7], features.maxDecoderCosine[7]);
 */
export async function evaluateSaeWithFeatures(
  options: EvaluationOptions,
): Promise<{ evaluation: Evaluation; features: FeatureMeasures }> {
  const { model, sae, contexts } = options;
  checkContract(model, sae);
  checkContexts('contexts', contexts, contexts[0]?.length ?? 1, model.config.vocabularySize);
  const { sums, activity } = await sumsOf(options);
  const total = sums.total();
  if (total.tokens === 0) throw new RangeError('contexts hold nothing but special tokens: there is nothing to measure');
  const weights = await weightMeasures({
    ...options,
    similarityFeatures: options.similarityFeatures ?? Math.max(1024, total.tokens / 4),
  });
  const density = activity.density(total.tokens);
  const features = {
    ...weights,
    density,
    firingsPerContext: activity.fired.map((count, feature) => count / activity.firedContexts[feature]!),
  };
  const shiftSquared = sums.shiftSquared();
  const evaluation = {
    tokens: total.tokens,
    contexts: sums.contexts,
    ...measuresOf(total, shiftSquared),
    ...activityMeasures(density),
    decoderSimilarity: meanOf(weights.maxDecoderCosine),
    encoderSimilarity: meanOf(weights.maxEncoderCosine),
    encoderDecoderCosine: weights.encoderDecoderCosine && meanOf(weights.encoderDecoderCosine),
    intervals: bootstrapIntervals(sums.groups(GROUPS), shiftSquared),
  };
  return { evaluation, features };
}

async function sumsOf(options: EvaluationOptions): Promise<{ sums: ContextSums; activity: ActivitySums }> {
  const { model, sae, contexts, losses = true, onProgress } = options;
  const { config } = sae;
  const length = contexts[0]!.length;
  const width = outputWidth(config);
  const pass: ChunkPass = { ...options, excluded: new Set(options.excludedTokens ?? config.contract.excludedTokens) };
  const mean = await meanOfHook(pass, width);
  const sums = new ContextSums(length, width);
  const activity = new ActivitySums(config.dSae);
  const program = evaluationProgram(model, config, length, losses);
  const feeds = { mean: { data: mean, shape: [width] } };
  let done = 0;
  await runChunks(pass, program, { withSae: true, feeds }, ({ keep, outputs }) => {
    sums.add(keep, outputs, losses);
    activity.add(outputs);
    onProgress?.((done += keep.length), contexts.length * length);
  });
  return { sums, activity };
}

/** The mean of what counted tokens have where reconstructions stand in, [d_out], of some tens of thousands of them. */
async function meanOfHook(pass: ChunkPass, width: number): Promise<Float32Array> {
  const { model, sae, contexts } = pass;
  const length = contexts[0]!.length;
  const sum = new Float64Array(width);
  let tokens = 0;
  const some = { ...pass, contexts: spread(contexts, MEAN_TOKENS) };
  await runChunks(some, sumProgram(model, sae.config, length), {}, ({ keep, outputs }) => {
    const ofChunk = outputs('sum');
    for (let d = 0; d < width; d++) sum[d]! += ofChunk[d]!;
    tokens += keep.reduce((count, value) => count + value, 0);
  });
  return Float32Array.from(sum, (value) => value / Math.max(1, tokens));
}

function activityMeasures(density: Float64Array) {
  const over = (share: number): number => density.reduce((count, value) => count + Number(value > share), 0);
  const deadFeatures = density.length - over(0);
  return {
    deadFeatures,
    deadFraction: deadFeatures / density.length,
    featuresOver1Percent: over(0.01),
    featuresOver10Percent: over(0.1),
    densityHistogram: densityHistogram(density),
  };
}

/** The mean of those that are numbers. */
function meanOf(values: Float64Array): number | null {
  const measured = values.filter((value) => !Number.isNaN(value));
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length;
}

function checkContract(model: Model, { config }: Sae): void {
  const { contract } = config;
  if (contract.modelId !== model.id) throw new Error(`the SAE is for model ${contract.modelId}, not ${model.id}`);
  checkWidth(model, contract.hookPoint, 'd_in', config.dIn);
  checkWidth(model, splicePoint(config), 'd_out', outputWidth(config));
}

function checkWidth(model: Model, hookPoint: string, name: string, expected: number): void {
  const { width } = hookPointNamed(model, hookPoint);
  if (width !== expected) throw new Error(`${name} is ${expected}, but ${hookPoint} of ${model.id} has width ${width}`);
}
