import { inputContractSchema } from '@monosema/catalog';
import { z } from 'zod';

/** How an input is normalised before it is encoded, and its reconstruction turned back (SAELens names). */
export const normalisations = ['none', 'expected_average_only_in', 'constant_norm_rescale', 'layer_norm'] as const;
export type Normalisation = (typeof normalisations)[number];

const common = {
  dIn: z.number().int().positive(),
  dSae: z.number().int().positive(),
  /** Whether b_dec is subtracted from the input before encoding; never of a transcoder. */
  subtractDecoderBias: z.boolean().default(true),
  /** `expected_average_only_in` says that a scale was not folded in; it changes nothing at run time. */
  normalisation: z.enum(normalisations).default('none'),
  /**
   * Whether the input is taken as x - mean(x): what a model with centred writing weights would have at a residual hook
   * point. The mean is added to reconstructions again.
   */
  centred: z.boolean().default(false),
  /** `hook_z`: the input is [heads, head_width] per token, heads * head_width = d_in; encoded flattened. */
  reshape: z.enum(['none', 'hook_z']).default('none'),
  /** The precision of the file. Calculations are in float32 whatever it is. */
  dtype: z.enum(['float32', 'float16', 'bfloat16']).default('float32'),
  contract: inputContractSchema,
  /** What it was trained on and where it is shown; null where nobody said so. */
  dataSetId: z.string().nullable().default(null),
  sourceId: z.string().nullable().default(null),
  /** What else its file says under `metadata`; kept, not understood. */
  metadata: z.record(z.string(), z.unknown()).default({}),
};
const transcoder = {
  ...common,
  subtractDecoderBias: z.literal(false).default(false),
  /** Width of what it predicts, at `hookPointOut`. */
  dOut: z.number().int().positive(),
  hookPointOut: z.string().min(1).nullable().default(null),
};
/** Of the ReLU transcoders: how many of a token's latents are kept, the largest ones; null for all. */
const kept = z.number().int().positive().nullable().default(null);
/** Whether latents are compared and decoded as if the decoder rows had norm 1. */
const rescaleByDecoderNorm = z.boolean().default(false);
const meanActive = z.number().positive();

const architectures = z.discriminatedUnion('architecture', [
  z.object({
    architecture: z.literal('standard'),
    ...common,
    /** `tanh-relu` is tanh(ReLU(z)), of SAELens 5 and older. */
    activation: z.enum(['relu', 'tanh-relu']).default('relu'),
  }),
  z.object({ architecture: z.literal('gated'), ...common }),
  z.object({
    architecture: z.literal('topk'),
    ...common,
    k: z.number().int().positive(),
    rescaleByDecoderNorm,
    /** Whether the k of largest magnitude are kept with their sign, so that latents may be negative (SAELens: abstopk). */
    signed: z.boolean().default(false),
  }),
  z.object({ architecture: z.literal('batchtopk'), ...common, k: meanActive, rescaleByDecoderNorm }),
  z.object({
    architecture: z.literal('matryoshka_batchtopk'),
    ...common,
    k: meanActive,
    rescaleByDecoderNorm,
    /** Widths of the nested dictionaries, ascending; the last one is d_sae. */
    widths: z.array(z.number().int().positive()).min(1),
  }),
  z.object({ architecture: z.literal('jumprelu'), ...common }),
  z.object({ architecture: z.literal('transcoder'), ...transcoder, kept }),
  z.object({ architecture: z.literal('skip_transcoder'), ...transcoder, kept }),
  z.object({ architecture: z.literal('jumprelu_transcoder'), ...transcoder }),
  z.object({ architecture: z.literal('jumprelu_skip_transcoder'), ...transcoder }),
]);

/**
 * What an SAE is: its architecture, its sizes and what it expects of its input. With z = (x - b_dec) W_enc + b_enc and
 * x_hat = f W_dec + b_dec: standard f = ReLU(z); topk keeps the k largest of a token, batchtopk k on average; jumprelu
 * keeps z above a threshold of its own; gated has one path that decides and one that measures. A transcoder predicts
 * the value of another hook point, a skip transcoder with W_skip x on top.
 */
export const saeConfigSchema = architectures.superRefine((config, context) => {
  const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  if ('k' in config && config.k > config.dSae)
    issue('k', `k is ${config.k}, but must be at most d_sae, which is ${config.dSae}`);
  if ('kept' in config && (config.kept ?? 0) > config.dSae)
    issue('kept', `${config.kept} latents are kept, but d_sae is ${config.dSae}`);
  if (config.contract.dIn !== config.dIn)
    issue('dIn', `d_in is ${config.dIn}, but the contract says ${config.contract.dIn}`);
  if ('widths' in config) checkWidths(config.widths, config.dSae, (message) => issue('widths', message));
});

function checkWidths(widths: readonly number[], dSae: number, issue: (message: string) => void): void {
  if (widths.some((width, level) => level > 0 && width <= widths[level - 1]!))
    issue(`widths must ascend, got ${widths.join(', ')}`);
  if (widths.at(-1) !== dSae) issue(`the last width must be d_sae, which is ${dSae}, got ${widths.join(', ')}`);
}

export type SaeConfig = z.infer<typeof architectures>;
export type SaeConfigInput = z.input<typeof architectures>;
export type ArchitectureName = SaeConfig['architecture'];
/** The config of one architecture. */
export type ConfigOf<A extends ArchitectureName> = Extract<SaeConfig, { architecture: A }>;
export const architectureNames = architectures.options.map((option) => option.shape.architecture.value);
/** Width of what the SAE reconstructs: d_in, or d_out of a transcoder. */
export const outputWidth = (config: SaeConfig): number => ('dOut' in config ? config.dOut : config.dIn);
