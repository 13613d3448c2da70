import type { Histogram, TokenValue } from '@monosema/catalog';
import * as op from '@monosema/engine';
import type { Engine } from '@monosema/engine';
import { unitRows } from './unit-rows.ts';

/** How a residual stream becomes logits, but for the final norm's division: logits = (residual ∘ gain) W_U. */
export interface Unembedding {
  /** [d_model, vocab] */
  W_U: Float32Array;
  /** [d_model]; null where the final norm has none. */
  finalNormGain: Float32Array | null;
}

export interface LogitEffects {
  /** Highest first. */
  topLogits: TokenValue[];
  /** Lowest first. */
  bottomLogits: TokenValue[];
  /** Of the effects on all ranked tokens; null when no bins were asked for. */
  logitHistogram: Histogram | null;
}

export interface LogitEffectOptions {
  /** Length of each list (fewer when there are fewer tokens). */
  size: number;
  /** Token ids to rank; default: the whole vocabulary. */
  tokens?: readonly number[];
  /** Bins of the histogram; none by default. */
  bins?: number;
  signal?: AbortSignal;
}

const blockRows = 256;

/**
 * Does an SAE at this hook point read and write the residual stream itself, so that its directions have logit effects?
 *
 * @example writesResidual('blocks.2.hook_resid_post') // true; 'blocks.2.mlp.hook_post' is not in the residual's basis
 */
export function writesResidual(hookPoint: string): boolean {
  return /(^|\.)hook_(embed|resid_pre|resid_mid|resid_post|attn_out|mlp_out)$/.test(hookPoint);
}

/**
 * The tokens whose logits each direction raises and lowers most: unit direction ∘ final norm's gain, times W_U.
 *
 * The gain is folded in, as TransformerLens does by default (`fold_ln`), since without it the ranking is not that of the
 * model; the final norm's division is left out: it scales a whole row, and depends on the text. SAEDashboard takes the
 * same product on a model with folded norms. Directions are taken at unit length, also where decoder rows have another.
 *
 * @param directions rows of W_dec, [rows, d_model]
 * @returns one entry per row
 * @example const [first] = await logitEffects(engine, sae.parameters.W_dec, 64, model.unembedding(), { size: 10 })
 */
export async function logitEffects(
  engine: Engine,
  directions: Float32Array,
  dModel: number,
  unembedding: Unembedding,
  { size, tokens, bins = 0, signal }: LogitEffectOptions,
): Promise<LogitEffects[]> {
  const ids = tokens ?? Array.from({ length: unembedding.W_U.length / dModel }, (_, token) => token);
  const k = Math.min(size, ids.length);
  const weights = { unembedding: { data: foldedColumns(unembedding, dModel, ids), shape: [dModel, ids.length] } };
  const executable = await engine.compile(effectsProgram(dModel, ids.length, k, bins > 0), { weights });
  const listOf = (indices: ArrayLike<number>, values: ArrayLike<number>, row: number, sign: 1 | -1): TokenValue[] =>
    // 0 + … turns −0 into 0.
    Array.from({ length: k }, (_, i) => ({
      token: ids[indices[row * k + i]!]!,
      value: 0 + sign * values[row * k + i]!,
    }));
  try {
    const effects: LogitEffects[] = [];
    const rows = directions.length / dModel;
    for (let first = 0; first < rows; first += blockRows) {
      signal?.throwIfAborted();
      const block = unitRows(directions.subarray(first * dModel, (first + blockRows) * dModel), dModel);
      const out = await executable.run({ directions: { data: block, shape: [block.length / dModel, dModel] } });
      for (let row = 0; row < block.length / dModel; row++) {
        effects.push({
          topLogits: listOf(out['topIndices']!.data, out['top']!.data, row, 1),
          bottomLogits: listOf(out['bottomIndices']!.data, out['bottom']!.data, row, -1),
          logitHistogram: out['logits'] ? histogramOfRow(out['logits'].data, row, ids.length, bins) : null,
        });
      }
    }
    return effects;
  } finally {
    await executable.dispose();
  }
}

/** Equal bins from the lowest to the highest effect; one bin when all are equal, as those of a dead direction. */
function histogramOfRow(logits: ArrayLike<number>, row: number, tokens: number, bins: number): Histogram {
  const [start, end] = [row * tokens, (row + 1) * tokens];
  let [minimum, maximum] = [Infinity, -Infinity];
  for (let i = start; i < end; i++) {
    const value = logits[i]!;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (!(maximum > minimum)) return { minimum: 0 + minimum, maximum: 0 + minimum, counts: [tokens] };
  const counts = new Array<number>(bins).fill(0);
  const scale = bins / (maximum - minimum);
  for (let i = start; i < end; i++) counts[Math.min(bins - 1, Math.floor((logits[i]! - minimum) * scale))]!++;
  return { minimum, maximum, counts };
}

function effectsProgram(dModel: number, tokens: number, k: number, all: boolean): op.Program {
  const inputs = {
    directions: op.input('directions', [op.batch, dModel]),
    unembedding: op.input('unembedding', [dModel, tokens]),
  };
  const logits = op.matmul(inputs.directions, inputs.unembedding); // [batch, tokens]
  const top = op.topK(logits, k);
  const bottom = op.topK(op.neg(logits), k);
  return {
    inputs,
    outputs: {
      ...{ top: top.values, topIndices: top.indices, bottom: bottom.values, bottomIndices: bottom.indices },
      ...(all && { logits }),
    },
  };
}

/** The columns of diag(gain) W_U that belong to the tokens, [d_model, tokens]. */
function foldedColumns({ W_U, finalNormGain }: Unembedding, dModel: number, tokens: readonly number[]): Float32Array {
  const vocabulary = W_U.length / dModel;
  const columns = new Float32Array(dModel * tokens.length);
  for (let d = 0; d < dModel; d++) {
    const gain = finalNormGain?.[d] ?? 1;
    tokens.forEach((token, i) => (columns[d * tokens.length + i] = gain * W_U[d * vocabulary + token]!));
  }
  return columns;
}
