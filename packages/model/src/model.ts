import type { ModelRecord } from '@monosema/catalog';
import type { Arrays, Traced, TracedRecord } from '@monosema/engine';
import type { Hooks } from './hooks.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import type { DecodeState } from './transformer/attend.ts';
import type { TransformerConfig } from './transformer/config.ts';
import type { Pass } from './transformer/forward.ts';
import type { HookPoint } from './transformer/hook-points.ts';

/** A transformer in memory, ready to be traced into programs. */
export interface Model {
  readonly id: string;
  readonly config: TransformerConfig;
  readonly tokenizer: Tokenizer;
  /** Float32 weights under TransformerLens's names, matrices [in, out]: see `weightShapes`. */
  readonly weights: Arrays;
  /** The weights as program inputs: what a program made with `trace` lists among its inputs, bound to `weights`. */
  readonly parameters: TracedRecord;
  /** The model as the catalog stores it. */
  readonly record: ModelRecord;
  readonly hookPoints: readonly HookPoint[];
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
  /** As `trace`, with the keys and values of every layer [batch, key_value_heads, length, head_width]. */
  prefill(ids: Traced, hooks?: Hooks): Pass;
  /**
   * One token per row, ids [batch, 1] int, against the keys and values before it → logits [batch, 1, vocabulary], and the
   * keys and values with the token's own put at its position. Edits and taps are those of `trace`, for this token.
   */
  decode(ids: Traced, state: DecodeState, hooks?: Hooks): Pass;
  /** W_U [d_model, vocabulary] and the gain [d_model] of the final norm, null where it has none; copies. */
  unembedding(): { W_U: Float32Array; finalNormGain: Float32Array | null };
}
