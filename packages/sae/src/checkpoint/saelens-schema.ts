import { z } from 'zod';

const size = z.number().int().positive();
/** SAELens writes both spellings. */
const dtype = z
  .string()
  .transform((name) => name.replace(/^torch\./, ''))
  .pipe(z.enum(['float32', 'float64', 'float16', 'bfloat16']));

const metadata = z
  .looseObject({
    model_name: z.string().nullish(),
    hook_name: z.string().nullish(),
    hook_name_out: z.string().nullish(),
    hook_head_index: z.null({ error: 'an SAE of a single head is not read' }).optional(),
    context_size: size.nullish(),
    prepend_bos: z.boolean().nullish(),
    exclude_special_tokens: z.union([z.boolean(), z.array(z.number().int().min(0))]).nullish(),
    dataset_path: z.string().nullish(),
    neuronpedia_id: z.string().nullish(),
    model_from_pretrained_kwargs: z.record(z.string(), z.unknown()).nullish(),
    sae_lens_version: z.string().nullish(),
  })
  .default({});
const common = {
  d_in: size,
  d_sae: size,
  dtype: dtype.optional(),
  apply_b_dec_to_input: z.boolean().optional(),
  normalize_activations: z
    .enum(['none', 'expected_average_only_in', 'constant_norm_rescale', 'layer_norm'], {
      error: 'is none of none, expected_average_only_in, constant_norm_rescale, layer_norm',
    })
    .optional(),
  reshape_activations: z.enum(['none', 'hook_z']).optional(),
  finetuning_scaling_factor: z.boolean().optional(),
  metadata,
};
const rescale_acts_by_decoder_norm = z.boolean().optional();
const latents = z.number({ error: 'k is needed for a TopK SAE' }).int().positive();
const transcoder = { ...common, apply_b_dec_to_input: z.literal(false).optional(), d_out: size };

/** cfg.json of SAELens 6 as far as it says what an SAE is; other fields are let through. */
export const saelensConfigSchema = z.discriminatedUnion(
  'architecture',
  [
    z.looseObject({ architecture: z.literal('standard'), ...common }),
    z.looseObject({ architecture: z.literal('standard_tanh_relu'), ...common }),
    z.looseObject({ architecture: z.literal('gated'), ...common }),
    z.looseObject({ architecture: z.literal('topk'), ...common, k: latents, rescale_acts_by_decoder_norm }),
    z.looseObject({ architecture: z.literal('abstopk'), ...common, k: latents, rescale_acts_by_decoder_norm }),
    z.looseObject({
      architecture: z.literal('batchtopk'),
      ...common,
      k: z.number().positive(),
      rescale_acts_by_decoder_norm,
    }),
    z.looseObject({
      architecture: z.literal('matryoshka_batchtopk'),
      ...common,
      k: z.number().positive(),
      rescale_acts_by_decoder_norm,
      matryoshka_widths: z.array(size).min(1),
    }),
    z.looseObject({ architecture: z.literal('jumprelu'), ...common }),
    z.looseObject({ architecture: z.literal('transcoder'), ...transcoder }),
    z.looseObject({ architecture: z.literal('skip_transcoder'), ...transcoder }),
    z.looseObject({ architecture: z.literal('topk_transcoder'), ...transcoder, k: latents }),
    z.looseObject({ architecture: z.literal('topk_skip_transcoder'), ...transcoder, k: latents }),
    z.looseObject({ architecture: z.literal('jumprelu_transcoder'), ...transcoder }),
    z.looseObject({ architecture: z.literal('jumprelu_skip_transcoder'), ...transcoder }),
  ],
  {
    error: ({ code, input }) =>
      code === 'invalid_union'
        ? `${String((input as Record<string, unknown>)['architecture'])} is none of standard, gated, topk, abstopk, batchtopk, matryoshka_batchtopk, jumprelu, transcoder, skip_transcoder, jumprelu_transcoder, jumprelu_skip_transcoder`
        : undefined,
  },
);
export type SaelensConfig = z.infer<typeof saelensConfigSchema>;
