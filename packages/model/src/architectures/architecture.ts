import type { Shape, Traced, TracedRecord } from '@monosema/engine';
import type { Hooks } from '../hooks.ts';

/** What every transformer has, whatever its family. */
export interface ModelConfig {
  /** Name in config.json's `architectures`, as LlamaForCausalLM. */
  readonly architecture: string;
  readonly layers: number;
  readonly dModel: number;
  /** Width of the MLP's hidden layer. */
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

/** A place in the model whose value can be read and replaced. */
export interface HookPoint {
  /** TransformerLens name. */
  readonly name: string;
  readonly layer: number | null;
  /** Numbers per token; hook points of heads count all of them, [heads, head_width] in row-major order. */
  readonly width: number;
}

/** One array per layer, [batch, key_value_heads, length, head_width]; keys are rotated where the model rotates them. */
export interface KeysAndValues {
  readonly keys: readonly Traced[];
  readonly values: readonly Traced[];
}

/** What a token is decoded against. */
export interface DecodeState extends KeysAndValues {
  /** Index of the token in its row, the same for all rows: [1] int. Entries of keys and values from there on are not read. */
  readonly position: Traced;
}

/** One family of transformers: how its config.json reads, what weights it has, and its forward pass. */
export interface Architecture<Config extends ModelConfig = ModelConfig> {
  /** Names in config.json's `architectures`. */
  readonly names: readonly string[];
  /** @throws ZodError or Error naming the field that is missing or asks for what is not supported */
  readConfig(json: unknown): Config;
  /** Shape of every tensor of the checkpoint, under Hugging Face's names. */
  weightShapes(config: Config): Record<string, Shape>;
  /** Tensors that checkpoints carry and the forward pass does not need. */
  isSpareTensor(name: string, config: Config): boolean;
  hookPoints(config: Config): HookPoint[];
  /** ids [batch, length] int → logits [batch, length, vocabulary], with the keys and values made on the way. */
  forward(config: Config, weights: TracedRecord, ids: Traced, hooks: Hooks): { logits: Traced } & KeysAndValues;
  /** ids [batch, 1] int → logits [batch, 1, vocabulary], and the keys and values with the token's own put at its position. */
  decode(
    config: Config,
    weights: TracedRecord,
    ids: Traced,
    hooks: Hooks,
    state: DecodeState,
  ): { logits: Traced } & KeysAndValues;
  /** Names of the tensors behind the logits: W_U is the transpose of `unembedding`, a [vocabulary, d_model] tensor. */
  unembedding(config: Config): { unembedding: string; finalNormGain: string | null };
}
