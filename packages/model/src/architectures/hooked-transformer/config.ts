import { z } from 'zod';
import { transformerConfig, type AttentionConfig, type TransformerConfig } from '../../transformer/config.ts';
import { rotaryFrequencies } from '../../transformer/rotary.ts';
import { activationField } from '../activation.ts';
import { headSizes, parseConfig } from '../config-fields.ts';

const count = z.number().int().positive();
/** TransformerLens writes −1 for "not set". */
const unset = (schema: z.ZodNumber) => z.union([z.literal(-1).transform(() => null), schema]).nullish();

/** HookedTransformerConfig's fields and defaults; those with one allowed value stop a model that differs. */
const schema = z.looseObject({
  architectures: z.array(z.string()).min(1),
  n_layers: count,
  d_model: count,
  n_ctx: count,
  d_head: unset(count),
  n_heads: unset(count),
  n_key_value_heads: count.nullish(),
  d_vocab: count,
  d_vocab_out: unset(count),
  d_mlp: unset(count),
  act_fn: activationField.nullish(),
  attn_only: z.boolean().default(false),
  eps: z.number().positive().default(1e-5),
  normalization_type: z.enum(['LN', 'LNPre', 'RMS', 'RMSPre']).nullable().default('LN'),
  use_attn_scale: z.boolean().default(true),
  attn_scale: unset(z.number().positive()),
  use_local_attn: z.boolean().default(false),
  window_size: count.nullish(),
  attn_types: z.array(z.enum(['global', 'local'])).nullish(),
  attention_dir: z.literal('causal').default('causal'),
  positional_embedding_type: z.enum(['standard', 'rotary']).default('standard'),
  rotary_dim: count.nullish(),
  rotary_base: z.number().positive().default(10_000),
  rotary_adjacent_pairs: z.boolean().default(false),
  parallel_attn_mlp: z.boolean().default(false),
  attn_scores_soft_cap: unset(z.number().positive()),
  output_logits_soft_cap: unset(z.number().positive()),
  gated_mlp: z.literal(false).default(false),
  final_rms: z.literal(false).default(false),
  use_NTK_by_parts_rope: z.literal(false).default(false),
  use_normalization_before_and_after: z.literal(false).default(false),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  use_qk_norm: z.literal(false).default(false),
  num_experts: z.null().optional(),
  clip_qkv: z.null().optional(),
  use_logn_attn: z.literal(false).default(false),
  use_dynamic_ntk_rope: z.literal(false).default(false),
  use_yarn_rope: z.literal(false).default(false),
  use_attention_sinks: z.literal(false).default(false),
  post_embedding_ln: z.literal(false).default(false),
  rotary_base_local: z.null().optional(),
  rotary_scaling_factor: z.literal(1).default(1),
});
type Fields = z.infer<typeof schema>;

/** Reads a HookedTransformerConfig (`model.cfg.to_dict()`) that stands in config.json. */
export function readHookedConfig(json: unknown): TransformerConfig {
  const config = parseConfig(schema, json);
  if (config.d_vocab_out != null && config.d_vocab_out !== config.d_vocab)
    throw new Error(
      `config.json: d_vocab_out is ${config.d_vocab_out}, but must be d_vocab, which is ${config.d_vocab}`,
    );
  const given = config.n_heads ?? config.d_model / (config.d_head ?? config.d_model);
  const sizes = headSizes(config.d_model, given, config.d_head ?? null, config.n_key_value_heads ?? given);
  const dMlp = config.attn_only ? 0 : (config.d_mlp ?? 4 * config.d_model);
  if (!config.attn_only && !config.act_fn)
    throw new Error('config.json: act_fn must name an activation, or attn_only be true');
  const norm = config.normalization_type;
  return transformerConfig({
    architecture: config.architectures[0]!,
    layers: config.n_layers,
    dModel: config.d_model,
    dMlp,
    ...sizes,
    vocabularySize: config.d_vocab,
    contextSize: config.n_ctx,
    bosToken: null,
    eosToken: null,
    norm: norm === null ? 'none' : norm.startsWith('LN') ? 'layerNorm' : 'rmsNorm',
    normWeights: norm === 'LN' || norm === 'RMS',
    finalNorm: norm !== null,
    epsilon: config.eps,
    positions: positionsOf(config, sizes.headWidth),
    attention: attentionOf(config, sizes.headWidth),
    mlp: config.attn_only ? null : { activation: config.act_fn!, gated: false, biases: true },
    parallel: config.parallel_attn_mlp,
    logitSoftCap: config.output_logits_soft_cap ?? null,
    tied: false,
    unembeddingBias: true,
  });
}

function positionsOf(config: Fields, headWidth: number): TransformerConfig['positions'] {
  if (config.positional_embedding_type === 'standard') return { kind: 'learned' };
  const width = config.rotary_dim ?? headWidth;
  if (width % 2 !== 0 || width > headWidth)
    throw new Error(`config.json: rotary_dim is ${width}, but must be even and at most d_head, which is ${headWidth}`);
  return {
    kind: 'rotary',
    width,
    adjacentPairs: config.rotary_adjacent_pairs,
    frequencies: rotaryFrequencies(width, config.rotary_base),
    attentionFactor: 1,
  };
}

function attentionOf(config: Fields, headWidth: number): Partial<AttentionConfig> {
  const { use_local_attn: local, window_size: window, attn_types: types } = config;
  if (local && (window == null || types?.length !== config.n_layers))
    throw new Error('config.json: use_local_attn needs window_size, and attn_types for every layer');
  return {
    // TransformerLens divides by attn_scale.
    scale: config.use_attn_scale ? 1 / (config.attn_scale ?? Math.sqrt(headWidth)) : 1,
    softCap: config.attn_scores_soft_cap ?? null,
    ...(local && { windows: types!.map((type) => (type === 'local' ? window! : null)) }),
    biases: { q: true, k: true, v: true, o: true },
  };
}
