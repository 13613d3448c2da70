import { z } from 'zod';
import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import { readJson } from './json-file.ts';
import { checkScaleHint, openMossFields, readOpenMoss } from './llama-scope-weights.ts';
import type { LayoutHints, SaeLayout } from './layout.ts';
import type { SaeTensors } from './tensors.ts';
import { withTensors } from './with-tensors.ts';
import { checkFields } from './yaml-file.ts';

const configFile = 'config.json';
const weightsFile = 'sae_weights.safetensors';
const thresholdName = 'log_jumprelu_threshold';
const fields = z.looseObject({ ...openMossFields, expansion_factor: z.number().positive().optional() });

/**
 * Llama Scope of DeepSeek's R1 distillation, and others of OpenMOSS's program of early 2025: JumpReLU with a threshold of
 * each latent, as a logarithm. Scaled activations times their decoder norm were compared with it in training (where
 * config.json says sparsity_include_decoder_norm), so that it is divided by that norm here; SAELens leaves it as it is.
 */
export const llamaScopeR1: SaeLayout = {
  name: 'llama-scope-r1',
  files: `${configFile} with act_fn, and ${weightsFile} with ${thresholdName}`,
  recognises: ({ files, file }) =>
    files.includes(configFile) &&
    files.includes(weightsFile) &&
    !files.includes('cfg.json') &&
    (file === null || file === configFile || file === weightsFile),
  async read(folder, hints, notes) {
    const config = checkFields(configFile, fields, await readJson(folder, configFile));
    const { hook_point_in: hookPoint } = config;
    if (hookPoint !== config.hook_point_out)
      throw new SaeFormatError(`${configFile}: hook_point_out is ${config.hook_point_out}, but only SAEs are read`);
    return withTensors(folder, weightsFile, notes, async (tensors) => {
      const normName = `dataset_average_activation_norm.${hookPoint}`;
      const read = await readOpenMoss(tensors, config, { needed: [thresholdName], optional: [normName] });
      const { dIn, dSae, parameters, decoderNorms } = read;
      const logarithms = await tensors.read(thresholdName, [dSae]);
      const inNormUnits = notes.orDefault('sparsity_include_decoder_norm', config.sparsity_include_decoder_norm, true);
      const threshold = logarithms.map((value, i) => Math.exp(value) / (inNormUnits ? decoderNorms[i]! : 1));
      notes.add('converted', thresholdName, `threshold is exp(${thresholdName}), in units of the pre-activation`);
      const says = {
        modelId: /R1-Distill/.test(folder.name) ? 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B' : null,
        ...{ hookPoint, contextSize: 1024, prependBos: true, dataSetId: 'cerebras/SlimPajama-627B' },
      };
      const subtractDecoderBias = config.apply_decoder_bias_to_pre_encoder ?? false;
      const sae = assembleSae(
        {
          config: { architecture: 'jumprelu', dIn, dSae, subtractDecoderBias },
          says,
          parameters: { ...parameters, threshold },
          file: configFile,
        },
        notes,
      );
      return fold(sae, tensors.has(normName) ? await scaleOf(tensors, normName, dIn) : null, hints, notes);
    });
  },
};

const scaleOf = async (tensors: SaeTensors, name: string, dIn: number): Promise<number> =>
  Math.sqrt(dIn) / (await tensors.number(name));

/** Folds the scale of the files in, or leaves that to what is said beside them. */
function fold(sae: Sae, scale: number | null, hints: LayoutHints, notes: LoadNotes): Sae {
  if (scale === null) {
    notes.add('unknown', 'normalize_activations', 'a scale of inputs was not folded in, and no file says which');
    return { ...sae, config: { ...sae.config, normalisation: 'expected_average_only_in' } };
  }
  checkScaleHint(hints, scale, weightsFile);
  notes.add('converted', 'norm_scaling_factor', `inputs were multiplied by ${scale}: folded into the weights`);
  return foldInputScale(sae, scale);
}
