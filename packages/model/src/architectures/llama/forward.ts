import * as op from '@monosema/engine';
import type { Traced, TracedRecord } from '@monosema/engine';
import type { Hooks } from '../../hooks.ts';
import type { DecodeState, KeysAndValues } from '../architecture.ts';
import type { LlamaConfig } from './config.ts';
import { rotate, rotationAt, rotationOf, type Rotation } from './rotary.ts';

/** Queries, keys and values of a block, [batch, length, heads, head_width] each, rotated. */
interface AttentionInputs {
  q: Traced;
  k: Traced;
  v: Traced;
}
/** Mixes the values of a layer: → [batch, length, heads * head_width]. */
type Attend = (inputs: AttentionInputs, layer: number) => Traced;

/** Attention Is All You Need with RMSNorm before each sublayer, as Touvron et al. 2023 (arXiv:2302.13971). */
export function forward(
  config: LlamaConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
): { logits: Traced } & KeysAndValues {
  const keys: Traced[] = [];
  const values: Traced[] = [];
  const repeats = config.heads / config.keyValueHeads;
  const rotation = rotationOf(config, ids.shape[1] as number);
  const logits = transformer(config, weights, ids, hooks, rotation, ({ q, k, v }, layer) => {
    keys[layer] = op.transpose(k, [0, 2, 1, 3]);
    values[layer] = op.transpose(v, [0, 2, 1, 3]);
    return op.attention(
      joinHeads(q),
      joinHeads(repeatHeads(k, repeats)),
      joinHeads(repeatHeads(v, repeats)),
      config.heads,
    );
  });
  return { logits, keys, values };
}

/** One token per row against the keys and values of the tokens before it. */
export function decode(
  config: LlamaConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
  { position, ...past }: DecodeState,
): { logits: Traced } & KeysAndValues {
  const keys: Traced[] = [];
  const values: Traced[] = [];
  const logits = transformer(config, weights, ids, hooks, rotationAt(config, position), ({ q, k, v }, layer) => {
    const step = op.cachedAttention(
      joinHeads(q),
      joinHeads(k),
      joinHeads(v),
      past.keys[layer]!,
      past.values[layer]!,
      position,
      config.heads,
    );
    keys[layer] = step.keys;
    values[layer] = step.values;
    return step.mixed;
  });
  return { logits, keys, values };
}

function transformer(
  config: LlamaConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
  rotation: Rotation,
  attend: Attend,
): Traced {
  let residual = hooks.at('hook_embed', op.gatherRows(weights['model.embed_tokens.weight']!, ids)); // [batch, length, d_model]
  for (let layer = 0; layer < config.layers; layer++) {
    const block = new Block(config, weights, hooks, layer);
    residual = hooks.at(`blocks.${layer}.hook_resid_pre`, residual);
    residual = hooks.at(
      `blocks.${layer}.hook_resid_mid`,
      op.add(residual, block.attention(residual, rotation, attend)),
    );
    residual = hooks.at(`blocks.${layer}.hook_resid_post`, op.add(residual, block.mlp(residual)));
  }
  const final = rmsNorm(residual, weights['model.norm.weight']!, config, hooks, 'ln_final');
  return op.matmul(final, weights[config.tied ? 'model.embed_tokens.weight' : 'lm_head.weight']!, { transposeB: true });
}

/** The two sublayers of a block; each gives what is added to the residual stream. */
class Block {
  constructor(
    private readonly config: LlamaConfig,
    private readonly weights: TracedRecord,
    private readonly hooks: Hooks,
    private readonly layer: number,
  ) {}

  attention(residual: Traced, rotation: Rotation, attend: Attend): Traced {
    const { heads, keyValueHeads } = this.config;
    const x = this.norm(residual, 'input_layernorm', 'ln1');
    const q = this.hook('attn.hook_q', splitHeads(this.linear(x, 'self_attn.q_proj'), heads));
    const k = this.hook('attn.hook_k', splitHeads(this.linear(x, 'self_attn.k_proj'), keyValueHeads));
    const v = this.hook('attn.hook_v', splitHeads(this.linear(x, 'self_attn.v_proj'), keyValueHeads));
    const turnedQ = this.hook('attn.hook_rot_q', rotate(q, rotation));
    const turnedK = this.hook('attn.hook_rot_k', rotate(k, rotation));
    const z = this.hook('attn.hook_z', splitHeads(attend({ q: turnedQ, k: turnedK, v }, this.layer), heads));
    return this.hook('hook_attn_out', this.linear(joinHeads(z), 'self_attn.o_proj'));
  }

  mlp(residual: Traced): Traced {
    const x = this.norm(residual, 'post_attention_layernorm', 'ln2');
    const gate = this.hook('mlp.hook_pre', this.linear(x, 'mlp.gate_proj'));
    const linear = this.hook('mlp.hook_pre_linear', this.linear(x, 'mlp.up_proj'));
    const post = this.hook('mlp.hook_post', op.mul(op.silu(gate), linear));
    return this.hook('hook_mlp_out', this.linear(post, 'mlp.down_proj'));
  }

  private hook(name: string, value: Traced): Traced {
    return this.hooks.at(`blocks.${this.layer}.${name}`, value);
  }

  private linear(x: Traced, name: string): Traced {
    return op.matmul(x, this.weights[`model.layers.${this.layer}.${name}.weight`]!, { transposeB: true });
  }

  private norm(x: Traced, name: string, hookPrefix: string): Traced {
    const gain = this.weights[`model.layers.${this.layer}.${name}.weight`]!;
    return rmsNorm(x, gain, this.config, this.hooks, `blocks.${this.layer}.${hookPrefix}`);
  }
}

/**
 * RMSNorm whose hook_normalized is, as in TransformerLens, the value before the gain. Where nobody edits it the main path
 * takes the fused norm, and the tap is computed only for who asks.
 */
function rmsNorm(x: Traced, gain: Traced, { epsilon, dModel }: LlamaConfig, hooks: Hooks, prefix: string): Traced {
  const name = `${prefix}.hook_normalized`;
  const normalized = hooks.at(name, op.rmsNorm(x, op.constant(new Float32Array(dModel).fill(1), [dModel]), epsilon));
  return hooks.isEdited(name) ? op.mul(normalized, gain) : op.rmsNorm(x, gain, epsilon);
}

/** [batch, length, heads * head_width] → [batch, length, heads, head_width] */
function splitHeads(x: Traced, heads: number): Traced {
  const [batch, length, width] = x.shape;
  return op.reshape(x, [batch!, length!, heads, (width as number) / heads]);
}

/** [batch, length, heads, head_width] → [batch, length, heads * head_width] */
function joinHeads(x: Traced): Traced {
  const [batch, length, heads, headWidth] = x.shape;
  return op.reshape(x, [batch!, length!, (heads as number) * (headWidth as number)]);
}

/** Every key-value head stands `repeats` times in a row, once for each query head that reads it. */
function repeatHeads(x: Traced, repeats: number): Traced {
  if (repeats === 1) return x;
  const [batch, length, heads, headWidth] = x.shape as [op.Dim, op.Dim, number, op.Dim];
  const apart = op.reshape(x, [batch, length, heads, 1, headWidth]);
  return op.reshape(op.broadcast(apart, [batch, length, heads, repeats, headWidth]), [
    batch,
    length,
    heads * repeats,
    headWidth,
  ]);
}
