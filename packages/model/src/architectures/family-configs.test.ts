import { describe, expect, test } from 'vitest';
import type { TransformerConfig } from '../transformer/config.ts';
import { architectureOf, UnsupportedModelError } from './registry.ts';

const read = (json: Record<string, unknown>): TransformerConfig => architectureOf(json).readConfig(json);

// What the repositories' config.json say that matters.
const llamaSizes = {
  hidden_size: 2048,
  intermediate_size: 11008,
  num_hidden_layers: 4,
  num_attention_heads: 16,
  num_key_value_heads: 2,
  max_position_embeddings: 32768,
  vocab_size: 151936,
  hidden_act: 'silu',
};
const mistral = { ...llamaSizes, architectures: ['MistralForCausalLM'], rms_norm_eps: 1e-5, rope_theta: 10000 };
const qwen2 = { ...llamaSizes, architectures: ['Qwen2ForCausalLM'], rms_norm_eps: 1e-6, rope_theta: 1e6 };
const qwen3 = {
  ...llamaSizes,
  architectures: ['Qwen3ForCausalLM'],
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  head_dim: 128,
};
const gemma = {
  ...llamaSizes,
  architectures: ['GemmaForCausalLM'],
  hidden_act: 'gelu',
  head_dim: 256,
  rms_norm_eps: 1e-6,
};
const gemma2 = {
  ...gemma,
  architectures: ['Gemma2ForCausalLM'],
  hidden_act: 'gelu_pytorch_tanh',
  sliding_window: 4096,
};
const pythia = {
  architectures: ['GPTNeoXForCausalLM'],
  hidden_size: 512,
  intermediate_size: 2048,
  num_hidden_layers: 6,
  num_attention_heads: 8,
  max_position_embeddings: 2048,
  vocab_size: 50304,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  use_parallel_residual: true,
  bos_token_id: 0,
  eos_token_id: 0,
};
const gptNeo = {
  architectures: ['GPTNeoForCausalLM'],
  hidden_size: 64,
  num_layers: 8,
  num_heads: 16,
  intermediate_size: null,
  max_position_embeddings: 2048,
  vocab_size: 50257,
  window_size: 256,
  attention_types: [[['global', 'local'], 4]],
  activation_function: 'gelu_new',
};

describe('windows', () => {
  test('Mistral has one in every layer, and none where it is null', () => {
    expect(read({ ...mistral, sliding_window: 4096 }).attention.windows).toEqual([4096, 4096, 4096, 4096]);
    expect(read({ ...mistral, sliding_window: null }).attention.windows).toEqual([null, null, null, null]);
  });

  test('Qwen names one that use_sliding_window turns off; the first max_window_layers do without it', () => {
    const windowed = { ...qwen2, sliding_window: 4096, max_window_layers: 3 };
    expect(read(windowed).attention.windows).toEqual([null, null, null, null]);
    expect(read({ ...windowed, use_sliding_window: true }).attention.windows).toEqual([null, null, null, 4096]);
  });

  test('Gemma 2 has one in every other layer; transformers 5 writes the layers down', () => {
    expect(read(gemma2).attention.windows).toEqual([4096, null, 4096, null]);
    const kinds = ['full_attention', 'sliding_attention', 'full_attention', 'sliding_attention'];
    expect(read({ ...gemma2, layer_types: kinds }).attention.windows).toEqual([null, 4096, null, 4096]);
    expect(() => read({ ...gemma2, layer_types: kinds.slice(1) })).toThrow(
      'layer_types has 3 entries, but there are 4 layers',
    );
    expect(() => read({ ...qwen2, layer_types: kinds })).toThrow('sliding_window');
  });

  test('GPT-Neo repeats a pattern', () => {
    expect(read(gptNeo).attention).toMatchObject({ scale: 1, windows: [null, 256, null, 256, null, 256, null, 256] });
    expect(() => read({ ...gptNeo, num_layers: 12 })).toThrow(
      'attention_types speaks of 8 layers, but num_layers is 12',
    );
  });
});

describe('what a family means without saying it', () => {
  test('Gemma ties, scales its embeddings, and says "gelu" for the tanh form', () => {
    expect(read(gemma)).toMatchObject({ tied: true, embeddingScale: Math.sqrt(2048), mlp: { activation: 'geluTanh' } });
  });

  test("Gemma 2's caps and scale are its own, not those of a head's width", () => {
    expect(read(gemma2)).toMatchObject({ logitSoftCap: 30, attention: { softCap: 50, scale: 1 / 16 } });
    const plain = { attn_logit_softcapping: null, final_logit_softcapping: null, query_pre_attn_scalar: 144 };
    expect(read({ ...gemma2, ...plain })).toMatchObject({
      logitSoftCap: null,
      attention: { softCap: null, scale: 1 / 12 },
    });
  });

  test('Qwen2 has biases, Qwen3 norms of queries and keys', () => {
    expect(read(qwen2).attention.biases).toEqual({ q: true, k: true, v: true, o: false });
    expect(read(qwen3).attention).toMatchObject({ queryKeyNorm: true, biases: { q: false } });
    expect(read(qwen3)).toMatchObject({ headWidth: 128, tied: false });
  });

  test('a part of a GPT-NeoX head turns, as either generation of files says', () => {
    expect(read(pythia)).toMatchObject({ parallel: true, tied: false, bosToken: 0, positions: { width: 16 } });
    const { rotary_pct, rotary_emb_base, ...newer } = pythia;
    const rope = { rope_type: 'default', rope_theta: rotary_emb_base, partial_rotary_factor: rotary_pct };
    expect(read({ ...newer, rope_parameters: rope }).positions).toEqual(read(pythia).positions);
    const fast = read({ ...pythia, rotary_emb_base: 500 }).positions;
    expect(fast).not.toEqual(read(pythia).positions);
    expect(read({ ...newer, rope_parameters: { ...rope, rope_theta: 500 } }).positions).toEqual(fast);
  });

  test("GPT-NeoX's fast GELU is the tanh form, GPT-Neo's MLP four times as wide", () => {
    expect(read({ ...pythia, hidden_act: 'gelu_fast' }).mlp!.activation).toBe('geluTanh');
    expect(read(gptNeo)).toMatchObject({ dMlp: 256, tied: true, contextSize: 2048, mlp: { activation: 'geluTanh' } });
  });
});

test.each([
  [{ ...mistral, hidden_act: 'gelu' }, 'hidden_act'],
  [{ ...pythia, hidden_act: 'solu' }, '"solu" is not supported; supported are gelu'],
  [{ ...pythia, rotary_pct: 0.05 }, 'config.json: 3 entries of a head turn'],
  [{ ...pythia, num_attention_heads: 7 }, 'a width of 512 does not divide into 7 heads'],
  [{ ...qwen2, num_key_value_heads: 3 }, 'num_attention_heads is 16, no multiple of num_key_value_heads, which is 3'],
  [{ ...gemma2, use_bidirectional_attention: true }, 'use_bidirectional_attention'],
  [{ ...gemma2, sliding_window: 0 }, 'sliding_window'],
  [{ ...qwen3, rope_scaling: { rope_type: 'longrope' } }, 'rope_scaling.rope_type is "longrope"'],
  [{ ...gptNeo, attention_types: [[['sparse'], 8]] }, 'attention_types'],
  [{ ...gptNeo, num_layers: undefined }, 'num_layers'],
])('%# what is not supported is named', (json, message) => {
  expect(() => read(json)).toThrow(message);
});

test('a family that there is not is refused by name', () => {
  expect(() => read({ architectures: ['Phi3ForCausalLM'] })).toThrow(UnsupportedModelError);
  expect(() => read({ architectures: ['Phi3ForCausalLM'] })).toThrow(
    '"Phi3ForCausalLM"; supported are GPT2LMHeadModel',
  );
});

test('weights that are packed by a quantiser are refused before they are read', () => {
  expect(() => read({ ...qwen2, quantization_config: { quant_method: 'gptq', bits: 4 } })).toThrow(
    'quantization_config.quant_method is "gptq"); take the model in float32, float16 or bfloat16',
  );
});
