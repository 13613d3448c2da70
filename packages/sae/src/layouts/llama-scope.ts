import { z } from 'zod';
import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import { readJson } from './json-file.ts';
import { checkScaleHint, openMossFields, readOpenMoss, type OpenMossWeights } from './llama-scope-weights.ts';
import type { SaeLayout } from './layout.ts';
import { withTensors } from './with-tensors.ts';
import { checkFields } from './yaml-file.ts';

const configFile = 'hyperparams.json';
const weightsFile = 'checkpoints/final.safetensors';
const norm = z.number().positive();
const hyperparams = z.looseObject({
  ...openMossFields,
  jump_relu_threshold: z.number(),
  norm_activation: z.literal('dataset-wise', { error: 'only dataset-wise is read' }).optional(),
  dataset_average_activation_norm: z.looseObject({ in: norm, out: norm }),
});

/**
 * Llama Scope (He et al. 2024): SAEs of Llama 3.1 8B, trained as TopK and published as JumpReLU with one threshold. They
 * take inputs of norm sqrt(d_model) on average, which is folded into the weights.
 *
 * The authors' threshold is for activations in units of the plain output: with inputs scaled by s_in, targets by s_out and
 * z = s_in x W_enc + b_enc, latent i is active where z |W_dec[i]| / s_out is above it. So z is compared with
 * threshold * s_out / |W_dec[i]|: SAELens's threshold * s (#483) where rows have norm 1.
 */
export const llamaScope: SaeLayout = {
  name: 'llama-scope',
  files: `${configFile} and ${weightsFile}`,
  recognises: ({ files, file }) => files.includes(configFile) && files.includes(weightsFile) && isOfIt(file),
  async read(folder, hints, notes) {
    const fields = checkFields(configFile, hyperparams, await readJson(folder, configFile));
    const weights = await withTensors(folder, weightsFile, notes, (tensors) =>
      readOpenMoss(tensors, fields, { optional: [] }),
    );
    const root = Math.sqrt(fields.d_model);
    const scales = {
      in: root / fields.dataset_average_activation_norm.in,
      out: root / fields.dataset_average_activation_norm.out,
    };
    checkScaleHint(hints, scales.in, configFile);
    const inNormUnits = notes.orDefault('sparsity_include_decoder_norm', fields.sparsity_include_decoder_norm, true);
    const threshold = Float32Array.from(
      weights.decoderNorms,
      (rowNorm) => (fields.jump_relu_threshold * scales.out) / (inNormUnits ? rowNorm : 1),
    );
    notes.add(
      'converted',
      'jump_relu_threshold',
      "one threshold in output units is one of each latent's pre-activation",
    );
    notes.add('converted', 'norm_scaling_factor', `inputs were multiplied by ${scales.in}: folded into the weights`);
    return llamaSae({ folder, notes, fields, weights, threshold, scales });
  },
};

const isOfIt = (file: string | null): boolean => file === null || file === configFile;

interface Read {
  folder: SaeFolder;
  notes: LoadNotes;
  fields: z.infer<typeof hyperparams>;
  weights: OpenMossWeights;
  threshold: Float32Array;
  scales: { in: number; out: number };
}

function llamaSae({ folder, notes, fields, weights, threshold, scales }: Read): Sae {
  const { dIn, dSae, parameters } = weights;
  const { hook_point_in: hookPoint, hook_point_out: hookPointOut } = fields;
  const says = {
    modelId: /Llama3_1-8B-Base/.test(folder.name) ? 'meta-llama/Llama-3.1-8B' : null,
    ...{ hookPoint, contextSize: 1024, prependBos: true, dataSetId: 'cerebras/SlimPajama-627B' },
  };
  const all = { ...parameters, threshold };
  const file = configFile;
  if (hookPoint === hookPointOut) {
    const subtractDecoderBias = fields.apply_decoder_bias_to_pre_encoder ?? false;
    const config = { architecture: 'jumprelu' as const, dIn, dSae, subtractDecoderBias };
    return foldInputScale(assembleSae({ config, says, parameters: all, file }, notes), scales.in);
  }
  if (fields.apply_decoder_bias_to_pre_encoder)
    throw new SaeFormatError(`${configFile}: a transcoder subtracts no decoder bias from its input`);
  const config = { architecture: 'jumprelu_transcoder' as const, dIn, dSae, dOut: dIn };
  const folded = {
    ...all,
    W_enc: all.W_enc.map((value) => value * scales.in),
    W_dec: all.W_dec.map((value) => value / scales.out),
    b_dec: all.b_dec.map((value) => value / scales.out),
  };
  return assembleSae({ config, says: { ...says, hookPointOut }, parameters: folded, file }, notes);
}
