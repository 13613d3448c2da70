import type { ModelRecord } from '@monosema/catalog';
import type { Arrays, Traced, TracedRecord } from '@monosema/engine';
import type { Architecture, HookPoint, ModelConfig } from './architectures/architecture.ts';
import type { Hooks } from './hooks.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

/** A transformer in memory, ready to be traced into programs. */
export interface Model {
  readonly id: string;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Float32 weights under the checkpoint's names. */
  readonly weights: Arrays;
  /** The weights as program inputs: what a program made with `trace` lists among its inputs, bound to `weights`. */
  readonly parameters: TracedRecord;
  /** The model as the catalog stores it. */
  readonly record: ModelRecord;
  readonly hookPoints: readonly HookPoint[];
  /** The family's own forward pass, for what `trace` does not give (decoding against a cache). */
  readonly architecture: Architecture;
  /**
   * The forward pass as part of a program: ids [batch, length] int → logits [batch, length, vocabulary].
   *
   * @throws when an edit of `hooks` names no hook point of the model
   * @example
   * const ids = op.input('ids', [op.batch, 128], 'int');
   * const program = { inputs: { ids, ...model.parameters }, outputs: { logits: model.trace(ids) } };
   * const run = await engine.compile(program, { weights: model.weights });
   */
  trace(ids: Traced, hooks?: Hooks): Traced;
  /** W_U [d_model, vocabulary] and the gain [d_model] of the final norm, null where it has none; copies. */
  unembedding(): { W_U: Float32Array; finalNormGain: Float32Array | null };
}
