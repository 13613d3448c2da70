import type { TransformerConfig } from '../../transformer/config.ts';
import { copied, transposed, type WeightSource } from '../architecture.ts';
import { sourcesAround } from '../gpt2/weights.ts';

/** Every tensor of a GPT-Neo checkpoint, under transformers' names. */
export const weightSources = (config: TransformerConfig): Record<string, WeightSource> =>
  sourcesAround(config, blockSources);

function blockSources({ dModel, dMlp }: TransformerConfig, block: string): Record<string, WeightSource> {
  const attention = `${block}.attn.attention`;
  return {
    'ln1.w': copied(`${block}.ln_1.weight`, dModel),
    'ln1.b': copied(`${block}.ln_1.bias`, dModel),
    'attn.W_Q': transposed(`${attention}.q_proj.weight`, dModel, dModel),
    'attn.W_K': transposed(`${attention}.k_proj.weight`, dModel, dModel),
    'attn.W_V': transposed(`${attention}.v_proj.weight`, dModel, dModel),
    'attn.W_O': transposed(`${attention}.out_proj.weight`, dModel, dModel),
    'attn.b_O': copied(`${attention}.out_proj.bias`, dModel),
    'ln2.w': copied(`${block}.ln_2.weight`, dModel),
    'ln2.b': copied(`${block}.ln_2.bias`, dModel),
    'mlp.W_in': transposed(`${block}.mlp.c_fc.weight`, dMlp, dModel),
    'mlp.b_in': copied(`${block}.mlp.c_fc.bias`, dMlp),
    'mlp.W_out': transposed(`${block}.mlp.c_proj.weight`, dModel, dMlp),
    'mlp.b_out': copied(`${block}.mlp.c_proj.bias`, dModel),
  };
}

/** Masks of older files follow from the config; a tied model's unembedding is its embedding. */
export const isSpareTensor = (name: string, { tied }: TransformerConfig): boolean =>
  /^transformer\.h\.\d+\.attn\.attention\.(bias|masked_bias)$/.test(name) || (tied && name === 'lm_head.weight');

/** A bare GPTNeoModel is saved without the prefix. */
export const tensorName = (name: string): string => (/^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name);
