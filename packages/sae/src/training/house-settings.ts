import type { TrainingRequest } from '@monosema/catalog';
import { trainingSettingsSchema, type TrainingSettings } from '../config/training-settings.ts';
import { deadAfterTokens } from './schedule.ts';

/** Whether a penalty makes codes sparse, which only means something against the size of activations. */
const isPenalised = ({ architecture }: TrainingRequest): boolean =>
  architecture === 'standard' || architecture === 'gated' || architecture === 'jumprelu';

/**
 * How a run is trained whose request says no more: unit decoder rows, b_dec at the mean activation (a b_dec of zero lets
 * the mean decide which latents fire, sae-spec 2.6), constant rate with linear decay over the last fifth, sparsity
 * penalties warmed up over 5 % of the steps, dead latents revived with weight 1/32, and inputs scaled to norm sqrt(d_in)
 * where a penalty makes codes sparse.
 */
export function houseSettings(request: TrainingRequest): TrainingSettings {
  const steps = Math.floor(request.trainingTokens / request.batchTokens);
  return trainingSettingsSchema.parse({
    loss: {
      sparsityCoefficient: request.l1Coefficient ?? request.l0Coefficient ?? 0,
      sparsityWarmUpSteps: Math.floor(steps / 20),
      auxCoefficient: 1 / 32,
      // On scaled inputs a random unit row gives pre-activations of deviation 1, whatever d_in is.
      ...(request.architecture === 'jumprelu' && { jumpThreshold: 1, jumpBandwidth: 1 }),
    },
    optimiser: { clipNorm: null, decoderRows: 'unit' },
    schedule: { decaySteps: Math.max(1, Math.floor(steps / 5)) },
    start: { decoderNorm: 1, decoderBias: 'mean' },
    deadAfterTokens: deadAfterTokens(request.trainingTokens),
    sae: { rescaleByDecoderNorm: false, normalisation: isPenalised(request) ? 'expected_average_only_in' : 'none' },
  });
}
