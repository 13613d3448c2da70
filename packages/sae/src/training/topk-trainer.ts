import { openTopKStep, type TopKParameters } from '@monosema/engine/sparse';
import type { TrainingSettings } from '../config/training-settings.ts';
import type { ConfigOf, SaeConfig } from '../config/sae-config.ts';
import type { SaeParameters } from '../sae.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { Trainer } from './trainer.ts';

export interface TopKTrainerOptions {
  config: ConfigOf<'topk'>;
  batch: number;
  threads: number;
  parameters: SaeParameters;
  /** To go on from an earlier `read()`. */
  state?: OptimiserState;
  auxCoefficient?: number;
}

/** Whether the engine's sparse step trains exactly this: TopK with unit decoder rows on plain inputs, Adam's usual rates. */
export const isSparseStep = (config: SaeConfig, { optimiser }: TrainingSettings): config is ConfigOf<'topk'> =>
  config.architecture === 'topk' &&
  config.subtractDecoderBias &&
  !config.centred &&
  (config.normalisation === 'none' || config.normalisation === 'expected_average_only_in') &&
  optimiser.decoderRows === 'unit' &&
  optimiser.clipNorm === null &&
  optimiser.beta1 === 0.9 &&
  optimiser.beta2 === 0.999;

/** TopK with the engine's sparse step. */
export async function openTopKTrainer(options: TopKTrainerOptions): Promise<Trainer> {
  const { config, batch, threads, parameters, state, auxCoefficient = 1 / 32 } = options;
  const { dIn, dSae, k } = config;
  const step = await openTopKStep({
    ...{ dIn, dSae, k, batch, threads, auxCoefficient },
    parameters: oneBias(parameters),
    ...(state && { optimiser: { step: state.step, m: oneBias(state.m), v: oneBias(state.v) } }),
  });
  return {
    async step(x, { learningRate, dead }) {
      const { mse, auxLoss, l0, fired } = await step.step(x, { learningRate, dead });
      return { mse, parts: { auxiliary: auxLoss }, l0, fired };
    },
    read: () => step.read(),
    close: () => step.close(),
  };
}

function oneBias({ W_enc, b_enc, W_dec, b_dec }: SaeParameters): TopKParameters {
  if (!b_enc) throw new RangeError('the start of a TopK SAE lacks b_enc');
  return { W_enc, b_enc, W_dec, b_dec };
}
