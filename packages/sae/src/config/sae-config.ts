import { inputContractSchema, saeArchitectureSchema } from '@monosema/catalog';
import { z } from 'zod';

/**
 * What an SAE is: its architecture, its sizes and what it expects of its input.
 * topk: f = TopK_k(ReLU(z)); standard: f = ReLU(z); z = (x - b_dec) W_enc + b_enc; x_hat = f W_dec + b_dec.
 */
export const saeConfigSchema = z
  .object({
    architecture: saeArchitectureSchema,
    dIn: z.number().int().positive(),
    dSae: z.number().int().positive(),
    /** Active latents per token; topk only. */
    k: z.number().int().positive().optional(),
    /** Whether b_dec is subtracted from the input before encoding. */
    subtractDecoderBias: z.boolean().default(true),
    contract: inputContractSchema,
    /** What it was trained on and where it is shown; null where nobody said so. */
    dataSetId: z.string().nullable().default(null),
    sourceId: z.string().nullable().default(null),
  })
  .superRefine(({ architecture, dIn, dSae, k, contract }, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (architecture === 'topk' && k === undefined) issue('k', 'k is needed for a TopK SAE');
    if (architecture === 'standard' && k !== undefined) issue('k', 'k is for TopK SAEs only');
    if (k !== undefined && k > dSae) issue('k', `k is ${k}, but must be at most d_sae, which is ${dSae}`);
    if (contract.dIn !== dIn) issue('dIn', `d_in is ${dIn}, but the contract says ${contract.dIn}`);
  });
export type SaeConfig = z.infer<typeof saeConfigSchema>;
export type SaeConfigInput = z.input<typeof saeConfigSchema>;
