import * as op from '@monosema/engine';
import type { Dim, Program, Traced, TracedRecord } from '@monosema/engine';
import { Hooks, type Model } from '@monosema/model';
import { decodeTraced, encodeTraced } from '../architectures/reconstruct.ts';
import { outputWidth, type SaeConfig } from '../config/sae-config.ts';
import { inputsOf, parameterInputs } from '../parameter-inputs.ts';

/** What stands at the hook point instead of its value. */
export const replacements = ['spliced', 'ablated', 'meanAblated', 'ablatedEverywhere'] as const;
export type Replacement = (typeof replacements)[number];

/** Numbers per token that are sums over a width. */
export const tokenOutputs = ['active', 'l1', 'squaredError', 'deviation', 'squaresIn', 'squaresOut', 'dot'] as const;

/**
 * Forward passes in one program: clean, and with each replacement at the hook point, computed on from there.
 * Inputs ids [batch, length], keep [batch, length], 1 where a token counts, and mean [d_out], about what counted tokens
 * have at the hook point. With x what is reconstructed and y its reconstruction, outputs are
 * - [batch * length]: active latents, l1, squaredError |x - y|², deviation |x - mean|², squaresIn |x|², squaresOut |y|²,
 *   dot x·y
 * - shift [1, d_out], Σ (x - mean) over kept tokens; fired and firedContexts [d_sae], the kept tokens and the contexts
 *   at which a latent is active
 * - [batch, length], unless `losses` is false: loss.clean and loss.<replacement>, of the next token (the last position
 *   says nothing), and kl.<replacement>, KL(clean || replaced) of the next token's distribution
 *
 * Where `keep` is 0 all replacements but the last keep the original, so that an SAE that reconstructs zero scores zero;
 * ablatedEverywhere zeroes every token, as SAELens does.
 */
export function evaluationProgram(model: Model, config: SaeConfig, length: number, losses = true): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const keep = op.input('keep', [op.batch, length]);
  const mean = op.input('mean', [outputWidth(config)]);
  const parameters = parameterInputs(config);
  const splicedAt = splicePoint(config);
  const hooks = new Hooks();
  const cleanLogits = model.trace(ids, hooks);
  const input = flatten(hooks.taps[config.contract.hookPoint]!, config.dIn);
  const value = hooks.taps[splicedAt]!; // [batch, length, ...]
  const x = flatten(value, outputWidth(config));
  const kept = op.reshape(keep, [x.shape[0]!, 1]);
  const codes = encodeTraced(config, parameters, input); // [batch * length, d_sae]
  const y = decodeTraced(config, parameters, codes, input);
  const error = op.sub(y, x);
  const fromMean = op.sub(x, mean);
  // All replacements start from the clean value, so that nothing before the hook point is computed again.
  const ablated = op.mul(x, op.sub(1, kept));
  const standIns: Record<Replacement, Traced> = {
    spliced: op.reshape(op.add(x, op.mul(kept, error)), value.shape),
    ablated: op.reshape(ablated, value.shape),
    meanAblated: op.reshape(op.add(ablated, op.mul(kept, mean)), value.shape),
    ablatedEverywhere: op.mul(value, 0),
  };
  const logitsWith = (replacement: Replacement): Traced =>
    model.trace(ids, new Hooks({ [splicedAt]: () => standIns[replacement] }));
  return {
    inputs: { ids, keep, mean, ...model.parameters, ...inputsOf(parameters) },
    outputs: {
      squaredError: op.sum(op.square(error), [1]),
      deviation: op.sum(op.square(fromMean), [1]),
      squaresIn: op.sum(op.square(x), [1]),
      squaresOut: op.sum(op.square(y), [1]),
      dot: op.sum(op.mul(x, y), [1]),
      shift: op.matmul(kept, fromMean, { transposeA: true }),
      ...activity(codes, keep),
      ...(losses && lossOutputs(cleanLogits, logitsWith, ids)),
    },
  };
}

/** How often latents are active: codes [batch * length, d_sae], keep [batch, length]. */
function activity(codes: Traced, keep: Traced): TracedRecord {
  const [batch, length] = keep.shape as [Dim, number];
  const dSae = codes.shape[1]!;
  const magnitudes = op.abs(codes); // signed TopK has codes below 0
  const active = op.toFloat(op.greater(magnitudes, 0));
  const perContext = op.matmul(op.reshape(keep, [batch, 1, length]), op.reshape(active, [batch, length, dSae]));
  return {
    l1: op.sum(magnitudes, [1]),
    active: op.sum(active, [1]),
    fired: op.reshape(op.sum(perContext, [0]), [dSae]),
    firedContexts: op.reshape(op.sum(op.toFloat(op.greater(perContext, 0)), [0]), [dSae]),
  };
}

function lossOutputs(clean: Traced, logitsWith: (replacement: Replacement) => Traced, ids: Traced): TracedRecord {
  const [batch, length] = ids.shape as [Dim, number];
  const next = op.concat([op.slice(ids, 1, 1, length), op.slice(ids, 1, 0, 1)], 1);
  const targets = op.reshape(next, [batch, length, 1]);
  const lossOf = (log: Traced): Traced => op.neg(op.reshape(op.gatherLast(log, targets), [batch, length]));
  // Logarithms of softmax, never of a probability that has become 0 (SAELens #532).
  const log = op.logSoftmax(clean);
  const probabilities = op.exp(log);
  const outputs: TracedRecord = { 'loss.clean': lossOf(log) };
  for (const replacement of replacements) {
    const replaced = op.logSoftmax(logitsWith(replacement));
    outputs[`loss.${replacement}`] = lossOf(replaced);
    outputs[`kl.${replacement}`] = op.sum(op.mul(probabilities, op.sub(log, replaced)), [2]);
  }
  return outputs;
}

/** The sum of what kept tokens have where reconstructions stand in: ids, keep [batch, length] -> sum [1, d_out]. */
export function sumProgram(model: Model, config: SaeConfig, length: number): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  const keep = op.input('keep', [op.batch, length]);
  const hooks = new Hooks();
  model.trace(ids, hooks);
  const x = flatten(hooks.taps[splicePoint(config)]!, outputWidth(config));
  const sum = op.matmul(op.reshape(keep, [x.shape[0]!, 1]), x, { transposeA: true });
  return { inputs: { ids, keep, ...model.parameters }, outputs: { sum } };
}

/** Where reconstructions stand in: the hook point that the SAE reads, of a transcoder the one that it predicts. */
export const splicePoint = (config: SaeConfig): string =>
  ('hookPointOut' in config ? config.hookPointOut : null) ?? config.contract.hookPoint;

/** [batch, length, ...] -> [batch * length, width] */
function flatten(value: Traced, width: number): Traced {
  const [batch, length] = value.shape as [Dim, number];
  return op.reshape(value, [op.dimProduct(batch, length), width]);
}
