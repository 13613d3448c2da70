import * as op from '@monosema/engine';
import type { Dim, Program, Traced } from '@monosema/engine';
import { Hooks, tokenLosses, type Model } from '@monosema/model';
import { decodeTraced, encodeTraced } from '../architectures.ts';
import type { SaeConfig } from '../config.ts';
import { inputsOf, parameterInputs } from '../parameter-inputs.ts';

/**
 * Forward passes in one program: clean, with the SAE spliced in, and with the hook point zeroed.
 * Inputs ids [batch, length] and keep [batch, length], 1 where a token counts. Outputs:
 * x [batch * length, d_in], squaredError and active (latents) [batch * length], fired [d_sae] on kept tokens,
 * and the losses of the next token, clean, spliced, ablated and ablatedEverywhere [batch, length - 1].
 * Spliced and ablated keep the original where `keep` is 0, so that an SAE that reconstructs zero scores zero;
 * ablatedEverywhere zeroes every token, as SAELens does.
 */
export function evaluationProgram(model: Model, config: SaeConfig, length: number): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const keep = op.input('keep', [op.batch, length]);
  const parameters = parameterInputs(config);
  const { hookPoint } = config.contract;
  const hooks = new Hooks();
  const cleanLogits = model.trace(ids, hooks);
  const value = hooks.taps[hookPoint]!; // [batch, length, ...]
  const x = flatten(value, config.dIn);
  const kept = op.reshape(keep, [x.shape[0]!, 1]);
  const codes = encodeTraced(config, parameters, x); // [batch * length, d_sae]
  const error = op.sub(decodeTraced(parameters, codes), x);
  const active = op.toFloat(op.greater(codes, 0));
  const spliced = op.reshape(op.add(x, op.mul(kept, error)), value.shape);
  // Both replacements start from the clean value, so that nothing before the hook point is computed again.
  const lossesWith = (replacement: Traced): Traced =>
    tokenLosses(model.trace(ids, new Hooks({ [hookPoint]: () => replacement })), ids);
  return {
    inputs: { ids, keep, ...model.parameters, ...inputsOf(parameters) },
    outputs: {
      x,
      squaredError: op.sum(op.square(error), [1]),
      active: op.sum(active, [1]),
      fired: op.max(op.mul(active, kept), [0]),
      clean: tokenLosses(cleanLogits, ids),
      spliced: lossesWith(spliced),
      ablated: lossesWith(op.reshape(op.mul(x, op.sub(1, kept)), value.shape)),
      ablatedEverywhere: lossesWith(op.mul(value, 0)),
    },
  };
}

/** [batch, length, ...] -> [batch * length, width] */
function flatten(value: Traced, width: number): Traced {
  const [batch, length] = value.shape as [Dim, number];
  return op.reshape(value, [op.dimProduct(batch, length), width]);
}
