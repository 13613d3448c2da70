import { fitsSparseStep, openSparseStep, type StepParameters } from '@monosema/engine/sparse';
import type { LossRules } from '../config/loss-rules.ts';
import type { OptimiserRules } from '../config/optimiser-rules.ts';
import type { ConfigOf, SaeConfig } from '../config/sae-config.ts';
import type { SaeParameters } from '../sae.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { Trainer } from './trainer.ts';

export type SparseConfig = ConfigOf<'topk' | 'batchtopk' | 'matryoshka_batchtopk'>;

export interface SparseTrainerOptions {
  config: SparseConfig;
  rules: LossRules;
  optimiser: OptimiserRules;
  /** Samples of a step. */
  batch: number;
  threads: number;
  parameters: SaeParameters;
  /** To go on from an earlier `read()`. */
  state?: OptimiserState;
}

/**
 * Whether the engine's sparse step trains exactly this: a TopK kind that takes inputs as they are or scaled by one number,
 * and not larger than its memory can be.
 */
export function hasSparseStep(config: SaeConfig, rules: LossRules, batch: number): config is SparseConfig {
  if (config.centred || (config.normalisation !== 'none' && config.normalisation !== 'expected_average_only_in'))
    return false;
  switch (config.architecture) {
    case 'topk':
      return !config.signed && fitsSparseStep(stepSizes(config, batch));
    case 'batchtopk':
      return config.k * batch >= 1 && fitsSparseStep(stepSizes(config, batch));
    case 'matryoshka_batchtopk':
      return config.k * batch >= 1 && !rules.auxPerLevel && fitsSparseStep(stepSizes(config, batch));
    default:
      return false;
  }
}

function stepSizes(config: SparseConfig, batch: number) {
  const { dIn, dSae, k, subtractDecoderBias, architecture } = config;
  const kept = architecture === 'topk' ? ('sample' as const) : ('batch' as const);
  return { dIn, dSae, k, batch, kept, subtractDecoderBias, ...('widths' in config && { widths: config.widths }) };
}

/** TopK, BatchTopK and Matryoshka SAEs with the engine's sparse step: what the program of `openProgramTrainer` does, quicker. */
export async function openSparseTrainer(options: SparseTrainerOptions): Promise<Trainer> {
  const { config, rules, optimiser, batch, threads, parameters, state } = options;
  const { rescaleByDecoderNorm } = config;
  const step = await openSparseStep({
    ...{ ...stepSizes(config, batch), threads, rescaleByDecoderNorm, ...optimiser },
    auxCoefficient: rules.auxCoefficient,
    parameters: stepParameters(parameters),
    ...(state && { optimiser: { step: state.step, m: stepParameters(state.m), v: stepParameters(state.v) } }),
  });
  const nested = 'widths' in config ? config.widths.slice(0, -1).map((width) => `mse_${width}`) : [];
  let threshold = parameters.topk_threshold?.[0] ?? 0;
  const followed = (value: number) =>
    config.architecture === 'topk' ? {} : { topk_threshold: Float32Array.of(value) };
  return {
    async step(x, { learningRate, dead }) {
      const { mse, nestedMse, auxLoss, l0, fired, smallestKept } = await step.step(x, { learningRate, dead });
      // The threshold follows the smallest active value; it stays as it is in a batch without any. A checkpoint has float32.
      if (smallestKept !== null) threshold = Math.fround(threshold + rules.thresholdRate * (smallestKept - threshold));
      const parts = Object.fromEntries(nested.map((name, level) => [name, nestedMse[level]!]));
      return { mse, parts: { ...parts, auxiliary: auxLoss }, l0, fired };
    },
    async read() {
      const { parameters, optimiser } = await step.read();
      const { step: steps, m, v } = optimiser;
      return {
        parameters: { ...parameters, ...followed(threshold) },
        optimiser: { step: steps, m: { ...m, ...followed(0) }, v: { ...v, ...followed(0) } },
      };
    },
    close: () => step.close(),
  };
}

function stepParameters({ W_enc, b_enc, W_dec, b_dec }: SaeParameters): StepParameters {
  if (!b_enc) throw new RangeError('the start of a TopK kind of SAE lacks b_enc');
  return { W_enc, b_enc, W_dec, b_dec };
}
