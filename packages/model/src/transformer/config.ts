import type { Rotary } from './rotary.ts';

/** What every transformer has, whatever its family. */
export interface ModelConfig {
  /** Name in config.json's `architectures`, as LlamaForCausalLM. */
  readonly architecture: string;
  readonly layers: number;
  readonly dModel: number;
  /** Width of the MLP's hidden layer; 0 where blocks have no MLP. */
  readonly dMlp: number;
  readonly heads: number;
  /** Fewer than `heads` where several query heads share keys and values. */
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly vocabularySize: number;
  /** Positions that the model knows. */
  readonly contextSize: number;
  readonly bosToken: number | null;
  readonly eosToken: number | null;
}

export interface AttentionConfig {
  /** What query-key products are multiplied by; 1 / sqrt(head_width) in most families. */
  readonly scale: number;
  /** Scores s become cap · tanh(s / cap) before the mask (Gemma 2). */
  readonly softCap: number | null;
  /** By layer: how many positions a token sees, its own among them; null: all before it. */
  readonly windows: readonly (number | null)[];
  /** RMSNorm of every head's queries and keys, before they are rotated (Qwen3). */
  readonly queryKeyNorm: boolean;
  readonly biases: { readonly q: boolean; readonly k: boolean; readonly v: boolean; readonly o: boolean };
}

export interface MlpConfig {
  readonly activation: 'gelu' | 'geluTanh' | 'silu' | 'relu';
  /** activation(x W_gate) · (x W_in) in place of activation(x W_in). */
  readonly gated: boolean;
  readonly biases: boolean;
}

/** All that the one forward pass of `forward.ts` needs to know to be any of the families. */
export interface TransformerConfig extends ModelConfig {
  readonly norm: 'layerNorm' | 'rmsNorm' | 'none';
  /** Added to the variance (LayerNorm) or mean square (RMSNorm) under the root. */
  readonly epsilon: number;
  /** Whether ln1, ln2 and ln_final have gains, and biases too in LayerNorm; false once they are folded into weights. */
  readonly normWeights: boolean;
  /** Whether there is a norm before the unembedding. */
  readonly finalNorm: boolean;
  readonly positions: { readonly kind: 'learned' } | { readonly kind: 'none' } | Rotary;
  readonly attention: AttentionConfig;
  /** null: blocks are attention only. */
  readonly mlp: MlpConfig | null;
  /** MLP and attention both read the block's input (GPT-NeoX), each through its own norm. */
  readonly parallel: boolean;
  /** RMSNorm of what each sublayer gives, before it is added (Gemma 2). */
  readonly postNorms: boolean;
  /** What embeddings are multiplied by (Gemma: sqrt(d_model)). */
  readonly embeddingScale: number;
  /** Logits l become cap · tanh(l / cap) (Gemma 2). */
  readonly logitSoftCap: number | null;
  /** Whether the unembedding is the transposed embedding, and so no weight of its own. */
  readonly tied: boolean;
  readonly unembeddingBias: boolean;
}

type Optional = 'normWeights' | 'finalNorm' | 'parallel' | 'postNorms' | 'embeddingScale' | 'logitSoftCap';
type Fields = Omit<TransformerConfig, Optional | 'attention' | 'unembeddingBias'> &
  Partial<Pick<TransformerConfig, Optional | 'unembeddingBias'>> & { readonly attention?: Partial<AttentionConfig> };

/**
 * A config with what is usual where `fields` says nothing: norms with weights, scores scaled by 1 / sqrt(head_width), whole
 * context, no biases in attention, sublayers one after another.
 *
 * @example transformerConfig({ ...sizes, norm: 'rmsNorm', epsilon: 1e-6, positions, mlp, tied: true })
 */
export function transformerConfig(fields: Fields): TransformerConfig {
  return {
    normWeights: true,
    finalNorm: true,
    parallel: false,
    postNorms: false,
    embeddingScale: 1,
    logitSoftCap: null,
    unembeddingBias: false,
    ...fields,
    attention: {
      scale: 1 / Math.sqrt(fields.headWidth),
      softCap: null,
      windows: new Array<null>(fields.layers).fill(null),
      queryKeyNorm: false,
      biases: { q: false, k: false, v: false, o: false },
      ...fields.attention,
    },
  };
}
