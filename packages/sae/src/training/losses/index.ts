import type { TracedParameters } from '../../architectures/architecture.ts';
import type { ArchitectureName, SaeConfig } from '../../config/sae-config.ts';
import { batchtopkLoss, matryoshkaLoss } from './batchtopk.ts';
import { gatedLoss } from './gated.ts';
import { jumpreluLoss } from './jumprelu.ts';
import type { Loss, LossInputs, TrainingPass } from './loss.ts';
import { standardLoss } from './standard.ts';
import { topkLoss } from './topk.ts';

const losses: Record<ArchitectureName, Loss> = {
  standard: standardLoss,
  gated: gatedLoss,
  topk: topkLoss,
  batchtopk: batchtopkLoss,
  matryoshka_batchtopk: matryoshkaLoss,
  jumprelu: jumpreluLoss,
  transcoder: standardLoss,
  skip_transcoder: standardLoss,
  jumprelu_transcoder: jumpreluLoss,
  jumprelu_skip_transcoder: jumpreluLoss,
};

/** Forward pass and losses of the config's architecture. */
export const trainingPass = (config: SaeConfig, p: TracedParameters, inputs: LossInputs): TrainingPass =>
  losses[config.architecture].pass(config, p, inputs);
