import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeParameters } from '../sae.ts';
import type { LayoutHints } from './layout.ts';
import type { SaeTensors } from './tensors.ts';

/** Fields that all configs of OpenMOSS's program have, and what they must say to be read here. */
export const openMossFields = {
  d_model: z.number().int().positive(),
  hook_point_in: z.string(),
  hook_point_out: z.string(),
  act_fn: z.literal('jumprelu', { error: 'only jumprelu is read' }),
  use_decoder_bias: z.boolean().optional(),
  apply_decoder_bias_to_pre_encoder: z.boolean().optional(),
  use_glu_encoder: z.literal(false, { error: 'a GLU encoder is not read' }).optional(),
  /** Whether a latent's activation is multiplied by the norm of its decoder row before it is compared with a threshold. */
  sparsity_include_decoder_norm: z.boolean().optional(),
};

export interface OpenMossWeights {
  dIn: number;
  dSae: number;
  /** In SAELens orientation, inputs and outputs still scaled. */
  parameters: SaeParameters & { b_enc: Float32Array };
  /** Of the decoder's rows, [d_sae]. */
  decoderNorms: Float64Array;
}

/** The four tensors of two torch.nn.Linear, and the names of others that may be there. */
export async function readOpenMoss(
  tensors: SaeTensors,
  { d_model: dIn, use_decoder_bias: hasBias = true }: { d_model: number; use_decoder_bias?: boolean | undefined },
  { optional, needed = [] }: { optional: readonly string[]; needed?: readonly string[] },
): Promise<OpenMossWeights> {
  const bias = hasBias ? ['decoder.bias'] : [];
  tensors.check({ needed: ['encoder.weight', 'encoder.bias', 'decoder.weight', ...bias, ...needed], optional });
  const [dSae] = tensors.matrix('encoder.weight');
  const parameters = {
    W_enc: await tensors.readTransposed('encoder.weight', [dIn, dSae]),
    b_enc: await tensors.read('encoder.bias', [dSae]),
    W_dec: await tensors.readTransposed('decoder.weight', [dSae, dIn]),
    b_dec: hasBias ? await tensors.read('decoder.bias', [dIn]) : new Float32Array(dIn),
  };
  return { dIn, dSae, parameters, decoderNorms: rowNorms(parameters.W_dec, dSae) };
}

/** At least 1e-8, so that dividing by that of a row of zeros gives a threshold that nothing reaches. */
function rowNorms(matrix: Float32Array, rows: number): Float64Array {
  const width = matrix.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    for (let d = 0; d < width; d++) squares += matrix[row * width + d]! ** 2;
    return Math.max(1e-8, Math.sqrt(squares));
  });
}

/** @throws SaeFormatError when a registry or a person says another scale than the files */
export function checkScaleHint({ inputScale, inputScaleIfOpen }: LayoutHints, scale: number, file: string): void {
  const said = inputScale ?? inputScaleIfOpen;
  if (said !== undefined && Math.abs(said - scale) > 1e-2 * scale)
    throw new SaeFormatError(`norm_scaling_factor is ${scale} by ${file}, but ${said} was said beside the files`);
}
