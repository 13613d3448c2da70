import type { GgufFile, NamedArray, TensorFile } from '@monosema/formats';
import type { GgufModelMetadata } from './metadata.ts';

/** llama.cpp's names of tensors, and transformers'. */
const blockNames: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const otherNames: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** Factors of Llama 3's rotary frequencies, which belong to the config. */
export const ropeFactors = 'rope_freqs.weight';

/** The tensors of a GGUF file under transformers' names and in its layout, as model.safetensors would have them. */
export function checkpointTensors(file: GgufFile, { family, fields }: GgufModelMetadata): TensorFile {
  const names = new Map(
    Array.from(file.tensors.keys())
      .filter((name) => name !== ropeFactors)
      .map((name) => [checkpointName(name), name]),
  );
  const heads = fields['attention.head_count'];
  const keyValueHeads = fields['attention.head_count_kv'] ?? heads;
  return {
    tensors: new Map(Array.from(names, ([name, own]) => [name, file.tensors.get(own)!])),
    async read(name) {
      const own = names.get(name) ?? name;
      const array = await file.read(own);
      const [, kind] = /^blk\.\d+\.attn_([qk])\.(weight|bias)$/.exec(own) ?? [];
      // Only llama's converter reorders rows.
      if (kind === undefined || family !== 'llama') return array;
      return withHalvesApart(array, kind === 'q' ? heads : keyValueHeads);
    },
  };
}

/** Unknown names stay as they are, for the message that refuses them. */
function checkpointName(name: string): string {
  const [, layer, part = '', kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (Object.hasOwn(blockNames, part)) return `model.layers.${layer}.${blockNames[part]}.${kind}`;
  return Object.hasOwn(otherNames, name) ? otherNames[name]! : name;
}

/**
 * llama.cpp rotates entries 2i and 2i + 1 of a head together, transformers i and i + half of it: the converter interleaves the
 * halves of each head's rows, and this puts them apart again. [heads · head_width, d_model] or [heads · head_width]
 */
function withHalvesApart({ data, shape }: NamedArray, heads: number): NamedArray {
  const [rows = 0] = shape;
  const headWidth = rows / heads;
  const width = data.length / rows;
  const apart = data.slice();
  for (let row = 0; row < rows; row++) {
    const inHead = row % headWidth;
    const to = row - inHead + (inHead % 2) * (headWidth / 2) + (inHead >> 1);
    apart.set(data.subarray(row * width, (row + 1) * width), to * width);
  }
  return { data: apart, shape };
}
