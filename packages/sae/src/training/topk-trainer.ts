import { openTopKStep, type AdamState } from '@monosema/engine/sparse';
import type { SaeConfig } from '../config.ts';
import type { SaeParameters } from '../sae.ts';
import type { Trainer } from './trainer.ts';

/** TopK with the engine's sparse step. */
export async function openTopKTrainer(
  config: SaeConfig,
  batch: number,
  threads: number,
  parameters: SaeParameters,
  optimiser: AdamState | undefined,
): Promise<Trainer> {
  const { dIn, dSae } = config;
  const step = await openTopKStep({ dIn, dSae, k: config.k ?? dSae, batch, threads, parameters, optimiser });
  return {
    async step(x, { learningRate, dead }) {
      const { mse, auxLoss, l0, fired } = await step.step(x, { learningRate, dead });
      return { mse, sparsityLoss: auxLoss, l0, fired };
    },
    read: () => step.read(),
    close: () => step.close(),
  };
}
