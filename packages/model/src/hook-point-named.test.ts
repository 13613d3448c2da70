import { expect, test } from 'vitest';
import { readLlamaConfig } from './architectures/llama/config.ts';
import { anyHookPointNamed, hookPointNamed } from './hook-point-named.ts';
import { hookPointsOf } from './transformer/hook-points.ts';

const config = readLlamaConfig({
  architectures: ['LlamaForCausalLM'],
  vocab_size: 8,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
});
const model = { id: 'tiny', hookPoints: hookPointsOf(config) };

test('a hook point is found with its layer and width', () => {
  expect(hookPointNamed(model, 'blocks.2.hook_resid_post')).toEqual({
    name: 'blocks.2.hook_resid_post',
    layer: 2,
    width: 8,
  });
  expect(hookPointNamed(model, 'blocks.0.mlp.hook_post').width).toBe(12);
  expect(hookPointNamed(model, 'blocks.0.attn.hook_k').width).toBe(4);
});

test('attention patterns have no vectors, but are hook points', () => {
  expect(anyHookPointNamed(model, 'blocks.1.attn.hook_pattern')).toMatchObject({ layer: 1, width: null });
  expect(() => hookPointNamed(model, 'blocks.1.attn.hook_pattern')).toThrow('holds a number per pair of tokens');
});

test('a layer out of range says which there are', () => {
  expect(() => hookPointNamed(model, 'blocks.3.hook_resid_post')).toThrow(
    'layer 3 is out of range, tiny has layers 0 to 2',
  );
});

test('another name gets the nearest ones', () => {
  expect(() => hookPointNamed(model, 'blocks.1.hook_resid_pst')).toThrow(
    'tiny has no hook point "blocks.1.hook_resid_pst"; nearest are blocks.1.hook_resid_post',
  );
});
