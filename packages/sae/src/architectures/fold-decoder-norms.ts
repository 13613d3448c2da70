import type { SaeConfig } from '../config/sae-config.ts';
import { decoderRowNorms } from '../decode.ts';
import type { ParameterName, Sae, SaeParameters } from '../sae.ts';

/** Parameters of one number per latent, in the units of its pre-activation. r_mag is a logarithm: not among them. */
const perLatent: readonly ParameterName[] = ['b_enc', 'b_gate', 'b_mag', 'threshold'];

/**
 * The same SAE with decoder rows of norm 1: what it reconstructs is unchanged, its codes are multiplied by the norms.
 * A row of zeros stays zeros (SAELens #588), a gated SAE's r_mag stays as it is (SAELens 5 multiplied it), thresholds
 * move with their latents (#404). An SAE that ranks by decoder norm already keeps its codes, and ranks plainly afterwards.
 *
 * @throws RangeError for TopK that ranks plain pre-activations: other latents would win
 * @example const unit = foldDecoderNorms(sae)
 */
export function foldDecoderNorms(sae: Sae): Sae {
  const { config, parameters } = sae;
  checkFoldable(config);
  const norms = decoderRowNorms(sae);
  const { dSae } = config;
  const width = parameters.W_dec.length / dSae;
  const folded: SaeParameters = {
    ...parameters,
    W_enc: parameters.W_enc.map((value, i) => value * norms[i % dSae]!),
    W_dec: parameters.W_dec.map((value, i) => value / norms[Math.floor(i / width)]!),
  };
  for (const name of perLatent) {
    const values = parameters[name];
    if (values) folded[name] = values.map((value, latent) => value * norms[latent]!);
  }
  const ranksPlainly = 'rescaleByDecoderNorm' in config ? { rescaleByDecoderNorm: false } : {};
  return { config: { ...config, ...ranksPlainly }, parameters: folded };
}

function checkFoldable(config: SaeConfig): void {
  if ('rescaleByDecoderNorm' in config && !config.rescaleByDecoderNorm)
    throw new RangeError(
      `decoder norms of this ${config.architecture} SAE can't be folded: it ranks plain pre-activations, and other latents would win`,
    );
  if (config.architecture === 'standard' && config.activation === 'tanh-relu')
    throw new RangeError('decoder norms of a tanh-relu SAE cannot be folded: tanh is not linear');
}
