import * as op from '@monosema/engine';
import type { Dim, Program, Traced } from '@monosema/engine';
import { Hooks, tokenLosses, type Model } from '@monosema/model';
import { decodeTraced, encodeTraced } from '../architectures/reconstruct.ts';
import { outputWidth, type SaeConfig } from '../config/sae-config.ts';
import { inputsOf, parameterInputs } from '../parameter-inputs.ts';

/**
 * Forward passes in one program: clean, with the SAE spliced in, and with the hook point zeroed.
 * Inputs ids [batch, length] and keep [batch, length], 1 where a token counts. Outputs:
 * x [batch * length, d_out], what is reconstructed; squaredError and active (latents) [batch * length], fired [d_sae] on kept tokens,
 * and the losses of the next token, clean, spliced, ablated and ablatedEverywhere [batch, length - 1].
 * Spliced and ablated keep the original where `keep` is 0, so that an SAE that reconstructs zero scores zero;
 * ablatedEverywhere zeroes every token, as SAELens does.
 */
export function evaluationProgram(model: Model, config: SaeConfig, length: number): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const keep = op.input('keep', [op.batch, length]);
  const parameters = parameterInputs(config);
  const splicedAt = splicePoint(config);
  const hooks = new Hooks();
  const cleanLogits = model.trace(ids, hooks);
  const input = flatten(hooks.taps[config.contract.hookPoint]!, config.dIn);
  const value = hooks.taps[splicedAt]!; // [batch, length, ...]
  const x = flatten(value, outputWidth(config));
  const kept = op.reshape(keep, [x.shape[0]!, 1]);
  const codes = encodeTraced(config, parameters, input); // [batch * length, d_sae]
  const error = op.sub(decodeTraced(config, parameters, codes, input), x);
  const active = op.toFloat(op.greater(codes, 0));
  const spliced = op.reshape(op.add(x, op.mul(kept, error)), value.shape);
  // Both replacements start from the clean value, so that nothing before the hook point is computed again.
  const lossesWith = (replacement: Traced): Traced =>
    tokenLosses(model.trace(ids, new Hooks({ [splicedAt]: () => replacement })), ids);
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

/** Where reconstructions stand in: the hook point that the SAE reads, of a transcoder the one that it predicts. */
export const splicePoint = (config: SaeConfig): string =>
  ('hookPointOut' in config ? config.hookPointOut : null) ?? config.contract.hookPoint;

/** [batch, length, ...] -> [batch * length, width] */
function flatten(value: Traced, width: number): Traced {
  const [batch, length] = value.shape as [Dim, number];
  return op.reshape(value, [op.dimProduct(batch, length), width]);
}
