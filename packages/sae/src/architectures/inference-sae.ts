import { saeConfigSchema } from '../config/sae-config.ts';
import { mapParameters, parameter, type Sae } from '../sae.ts';
import { foldDecoderNorms } from './fold-decoder-norms.ts';

/**
 * What a trained SAE is saved and used as. TopK that ranks by decoder norm has the norms folded, so that its rows are of
 * norm 1 and plain ranking gives the same codes; BatchTopK and Matryoshka ones become JumpReLU at their threshold, since
 * no batch is there to decide. Others are what they are. Agrees with SAELens's save_inference_model.
 */
export function inferenceSae(sae: Sae): Sae {
  const { config } = sae;
  const folded = 'rescaleByDecoderNorm' in config && config.rescaleByDecoderNorm ? foldDecoderNorms(sae) : sae;
  if (config.architecture !== 'batchtopk' && config.architecture !== 'matryoshka_batchtopk') return folded;
  const metadata = { ...config.metadata, training_architecture: config.architecture };
  // Fields that JumpReLU lacks are dropped by its schema.
  const gated = saeConfigSchema.parse({ ...config, architecture: 'jumprelu', metadata });
  const threshold = parameter(sae, 'topk_threshold')[0] ?? 0;
  return {
    config: gated,
    parameters: mapParameters(gated, (name) =>
      name === 'threshold' ? new Float32Array(config.dSae).fill(threshold) : parameter(folded, name),
    ),
  };
}
