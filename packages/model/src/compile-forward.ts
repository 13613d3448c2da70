import * as op from '@monosema/engine';
import type { Arrays, Engine, Traced, TracedRecord } from '@monosema/engine';
import { checkIds, checkLength } from './check-ids.ts';
import { compileModel, type CompileModelOptions } from './compile-model.ts';
import { anyHookPointNamed } from './hook-point-named.ts';
import { Hooks, type Edit } from './hooks.ts';
import type { Model } from './model.ts';

export interface ForwardOptions {
  /** Tokens per row; the number of rows is free. */
  length: number;
  /** Hook points whose values are wanted. Nothing behind the last of them is computed unless something needs it. */
  taps?: readonly string[];
  logits?: boolean;
  /** Replacements at hook points. */
  edits?: Readonly<Record<string, Edit>>;
  /** Inputs of the edits and of `outputs`: bound to `weights` where that has them, else given to each `run`. */
  inputs?: TracedRecord;
  weights?: Arrays;
  /** See `CompileOptions`; 'initialisers' is some per cent faster and holds a copy of the weights for this pass alone. */
  weightsAs?: CompileModelOptions['weightsAs'];
  /** More outputs, made from what the forward pass gives; as a loss, so that logits need not leave the engine. */
  outputs?: (pass: { ids: Traced; logits: Traced; taps: Readonly<TracedRecord> }) => TracedRecord;
}

/** A compiled forward pass. */
export interface Forward {
  readonly length: number;
  /**
   * @param ids [rows * length] token ids
   * @param extra the inputs that were asked for, by name
   * @returns taps by hook point [rows, length, …], `logits` [rows, length, vocabulary] and further outputs, as asked for
   */
  run(ids: Int32Array, extra?: Arrays): Promise<Arrays>;
  dispose(): Promise<void>;
}

/**
 * Compiles a model's forward pass for rows of `length` tokens.
 *
 * @throws UnknownHookPointError, or RangeError when the rows are longer than the model's context
 * @example
 * const forward = await compileForward(engine, model, { length: 128, taps: ['blocks.2.hook_resid_post'] });
 * const { 'blocks.2.hook_resid_post': residual } = await forward.run(ids); // residual.shape: [rows, 128, 64]
 */
export async function compileForward(engine: Engine, model: Model, options: ForwardOptions): Promise<Forward> {
  const { length, taps = [], logits: wantsLogits = false, inputs = {}, weights = {}, weightsAs } = options;
  checkLength(model, length);
  for (const name of taps) anyHookPointNamed(model, name);
  const ids = op.input('ids', [op.batch, length], 'int');
  const hooks = new Hooks(options.edits);
  const logits = model.trace(ids, hooks);
  const outputs: TracedRecord = Object.fromEntries(taps.map((name) => [name, hooks.taps[name]!]));
  if (wantsLogits) outputs.logits = logits;
  Object.assign(outputs, options.outputs?.({ ids, logits, taps: hooks.taps }));
  const program = { inputs: { ids, ...model.parameters, ...inputs }, outputs };
  const executable = await compileModel(engine, model, program, { weights, ...(weightsAs && { weightsAs }) });
  return {
    length,
    async run(data, extra = {}) {
      checkIds(model, data, length);
      return executable.run({ ids: { data, shape: [data.length / length, length] }, ...extra });
    },
    dispose: () => executable.dispose(),
  };
}
