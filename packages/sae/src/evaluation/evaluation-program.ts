import * as op from '@monosema/engine';
import type { Dim, Program, Traced } from '@monosema/engine';
import { Hooks, tokenLosses, type Model } from '@monosema/model';
import { decodeTraced, encodeTraced, type TracedParameters } from '../architectures.ts';
import type { SaeConfig } from '../config.ts';
import { inputsOf, parameterInputs } from '../parameter-inputs.ts';

/**
 * Three forward passes in one program: clean, with the SAE spliced in, and with the hook point zeroed.
 * Inputs ids [batch, length] and keep [batch, length], 1 where a token counts. Outputs:
 * x [batch * length, d_in], squaredError and active (latents) [batch * length], fired [d_sae] on kept tokens,
 * and the losses of the next token, clean, spliced and ablated [batch, length - 1].
 * The spliced pass keeps the original where `keep` is 0; the ablated one zeroes every token (SAELens does the same).
 */
export function evaluationProgram(model: Model, config: SaeConfig, length: number): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const keep = op.input('keep', [op.batch, length]);
  const parameters = parameterInputs(config);
  const { hookPoint } = config.contract;
  const clean = new Hooks();
  const cleanLogits = model.trace(ids, clean);
  const x = flatten(clean.taps[hookPoint]!, config.dIn);
  const kept = op.reshape(keep, [x.shape[0]!, 1]);
  const { codes, error } = reconstruct(config, parameters, x);
  const active = op.toFloat(op.greater(codes, 0));

  const lossesWith = (edit: (value: Traced) => Traced): Traced => tokenLosses(model.trace(ids, new Hooks({ [hookPoint]: edit })), ids);
  const splice = (value: Traced): Traced => {
    const flat = flatten(value, config.dIn);
    const { error } = reconstruct(config, parameters, flat);
    return op.reshape(op.add(flat, op.mul(kept, error)), value.shape);
  };
  return {
    inputs: { ids, keep, ...model.parameters, ...inputsOf(parameters) },
    outputs: {
      x,
      squaredError: op.sum(op.square(error), [1]),
      active: op.sum(active, [1]),
      fired: op.max(op.mul(active, kept), [0]),
      clean: tokenLosses(cleanLogits, ids),
      spliced: lossesWith(splice),
      ablated: lossesWith((value) => op.mul(value, 0)),
    },
  };
}

/** [batch, length, ...] -> [batch * length, width] */
function flatten(value: Traced, width: number): Traced {
  const [batch, length] = value.shape as [Dim, number];
  return op.reshape(value, [op.dimProduct(batch, length), width]);
}

/** Codes [rows, d_sae] and reconstruction error x_hat - x [rows, d_in]. */
function reconstruct(config: SaeConfig, parameters: TracedParameters, x: Traced): { codes: Traced; error: Traced } {
  const codes = encodeTraced(config, parameters, x);
  return { codes, error: op.sub(decodeTraced(parameters, codes), x) };
}
