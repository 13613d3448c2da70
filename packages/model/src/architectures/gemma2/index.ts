import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import { copied, type Architecture, type WeightSource } from '../architecture.ts';
import { windowFields, windowsOf } from '../attention-windows.ts';
import { parseConfig, sizesOf } from '../config-fields.ts';
import { gemmaConfig, gemmaFields } from '../gemma/config.ts';
import { withUnitGains } from '../gemma/weights.ts';
import { isSpareTensor, weightSources as llamaSources } from '../llama/weights.ts';
import { readRotary } from '../rotary-config.ts';

const softCap = z.number().positive().nullish();
const gemma2ConfigSchema = z.looseObject({
  ...gemmaFields,
  ...windowFields,
  sliding_window: z.number().int().positive().nullish().default(4096),
  query_pre_attn_scalar: z.number().positive().default(256),
  // null turns a cap off; where the file does not say, transformers takes these.
  attn_logit_softcapping: softCap.default(50),
  final_logit_softcapping: softCap.default(30),
});

function readConfig(json: unknown): TransformerConfig {
  const config = parseConfig(gemma2ConfigSchema, json);
  const sizes = sizesOf(config);
  const shared = gemmaConfig(config, sizes);
  return transformerConfig({
    ...shared,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: {
      ...shared.attention,
      scale: 1 / Math.sqrt(config.query_pre_attn_scalar),
      softCap: config.attn_logit_softcapping ?? null,
      windows: windowsOf(config, sizes.layers, (layer) => layer % 2 === 0),
    },
    postNorms: true,
    logitSoftCap: config.final_logit_softcapping ?? null,
  });
}

/** In Gemma 2 `post_attention_layernorm` is what its name says; the norm before the MLP has a name of its own. */
function weightSources(config: TransformerConfig): Record<string, WeightSource> {
  const sources = llamaSources(config);
  for (let layer = 0; layer < config.layers; layer++)
    for (const [name, tensor] of [
      ['ln1_post.w', 'post_attention_layernorm'],
      ['ln2.w', 'pre_feedforward_layernorm'],
      ['ln2_post.w', 'post_feedforward_layernorm'],
    ] as const)
      sources[`blocks.${layer}.${name}`] = copied(`model.layers.${layer}.${tensor}.weight`, config.dModel);
  return withUnitGains(sources);
}

/** Gemma 2: norms after each sublayer too, soft caps, a window in every other layer (arXiv:2408.00118). */
export const gemma2: Architecture = { names: ['Gemma2ForCausalLM'], readConfig, weightSources, isSpareTensor };
