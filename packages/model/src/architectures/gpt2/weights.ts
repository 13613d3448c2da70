import type { TransformerConfig } from '../../transformer/config.ts';
import { copied, transposed, type WeightSource } from '../architecture.ts';

/** Every tensor of a GPT-2 checkpoint. Its matrices are [in, out] (Conv1D) already; queries, keys and values are packed. */
export const weightSources = (config: TransformerConfig): Record<string, WeightSource> =>
  sourcesAround(config, blockSources);

/** The tensors of a checkpoint that is laid out as GPT-2's, with blocks of any kind at `transformer.h.N`. */
export function sourcesAround(
  config: TransformerConfig,
  blockSources: (config: TransformerConfig, block: string) => Record<string, WeightSource>,
): Record<string, WeightSource> {
  const { layers, dModel, vocabularySize, contextSize } = config;
  const sources: Record<string, WeightSource> = {
    'embed.W_E': copied('transformer.wte.weight', vocabularySize, dModel),
    'pos_embed.W_pos': copied('transformer.wpe.weight', contextSize, dModel),
    'ln_final.w': copied('transformer.ln_f.weight', dModel),
    'ln_final.b': copied('transformer.ln_f.bias', dModel),
    'unembed.W_U': transposed('lm_head.weight', vocabularySize, dModel),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const [name, source] of Object.entries(blockSources(config, `transformer.h.${layer}`)))
      sources[`blocks.${layer}.${name}`] = source;
  return sources;
}

function blockSources({ dModel, dMlp }: TransformerConfig, block: string): Record<string, WeightSource> {
  const packed = (index: number): Record<'weight' | 'bias', WeightSource> => ({
    weight: {
      tensor: `${block}.attn.c_attn.weight`,
      shape: [dModel, 3 * dModel],
      view: [dModel, 3, dModel],
      pick: { axis: 1, index },
    },
    bias: { tensor: `${block}.attn.c_attn.bias`, shape: [3 * dModel], view: [3, dModel], pick: { axis: 0, index } },
  });
  const [q, k, v] = [packed(0), packed(1), packed(2)];
  return {
    'ln1.w': copied(`${block}.ln_1.weight`, dModel),
    'ln1.b': copied(`${block}.ln_1.bias`, dModel),
    'attn.W_Q': q.weight,
    'attn.W_K': k.weight,
    'attn.W_V': v.weight,
    'attn.W_O': copied(`${block}.attn.c_proj.weight`, dModel, dModel),
    'attn.b_Q': q.bias,
    'attn.b_K': k.bias,
    'attn.b_V': v.bias,
    'attn.b_O': copied(`${block}.attn.c_proj.bias`, dModel),
    'ln2.w': copied(`${block}.ln_2.weight`, dModel),
    'ln2.b': copied(`${block}.ln_2.bias`, dModel),
    'mlp.W_in': copied(`${block}.mlp.c_fc.weight`, dModel, dMlp),
    'mlp.b_in': copied(`${block}.mlp.c_fc.bias`, dMlp),
    'mlp.W_out': copied(`${block}.mlp.c_proj.weight`, dMlp, dModel),
    'mlp.b_out': copied(`${block}.mlp.c_proj.bias`, dModel),
  };
}

/** Some checkpoints, GPT-2's own among them, leave out the "transformer." of the names. */
export const tensorName = (name: string): string =>
  /^(transformer\.|lm_head\.)/.test(name) ? name : `transformer.${name}`;

/** Causal masks; a tied model's unembedding is its embedding. */
export const isSpareTensor = (name: string, { tied }: TransformerConfig): boolean =>
  /^transformer\.h\.\d+\.attn\.(bias|masked_bias)$/.test(name) || (tied && name === 'lm_head.weight');
