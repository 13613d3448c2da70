import type { Arrays } from '@monosema/engine';
import type { Forward } from '@monosema/model';
import { concatContexts, usableRows } from '../contexts.ts';
import { outputWidth } from '../config/sae-config.ts';
import { ActivationStore } from './activation-store.ts';
import type { TrainingOptions } from './options.ts';
import type { TrainingPlan } from './plan.ts';

/** What a forward pass must bring: the hook point, and for a transcoder the one that it predicts. */
export const hookPointsOf = ({ request: { hookPoint, hookPointOut } }: TrainingPlan): string[] =>
  hookPointOut === undefined || hookPointOut === hookPoint ? [hookPoint] : [hookPoint, hookPointOut];

/** The store of a run. A transcoder's rows hold its input and what it predicts, one after the other. */
export function activationStore(options: TrainingOptions, plan: TrainingPlan, forward: Forward): ActivationStore {
  const { order, request, rowWidth } = plan;
  return new ActivationStore({
    order,
    dIn: rowWidth,
    batch: request.batchTokens,
    cacheBytes: options.activationCacheBytes ?? 256 << 20,
    async activations(contexts) {
      options.signal?.throwIfAborted();
      const ids = concatContexts(Array.from(contexts, (context) => options.trainContexts[context]!));
      const data = rowsOf(plan, ids, await forward.run(ids));
      return { rows: data.length / rowWidth, data };
    },
  });
}

/** Rows of the store from what a forward pass gave: those of tokens that count. */
export function rowsOf({ request, config, excluded }: TrainingPlan, ids: Int32Array, taps: Arrays): Float32Array {
  const values = (hookPoint: string, width: number): Float32Array => {
    const data = taps[hookPoint]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`the forward pass gave no ${hookPoint}`);
    return usableRows(ids, data, width, excluded);
  };
  const x = values(request.hookPoint, config.dIn);
  if (request.hookPointOut === undefined) return x;
  return besideEachOther(x, config.dIn, values(request.hookPointOut, outputWidth(config)), outputWidth(config));
}

function besideEachOther(x: Float32Array, dIn: number, y: Float32Array, dOut: number): Float32Array {
  const out = new Float32Array(x.length + y.length);
  for (let row = 0; row * dIn < x.length; row++) {
    out.set(x.subarray(row * dIn, (row + 1) * dIn), row * (dIn + dOut));
    out.set(y.subarray(row * dOut, (row + 1) * dOut), row * (dIn + dOut) + dIn);
  }
  return out;
}

/** The input of a step, scaled, and what a transcoder is to predict of it. */
export function splitRows(
  { config, rowWidth, request }: Pick<TrainingPlan, 'config' | 'rowWidth' | 'request'>,
  rows: Float32Array,
  inputScale: number,
): { x: Float32Array; target?: Float32Array } {
  const { dIn } = config;
  if (rowWidth === dIn) return { x: inputScale === 1 ? rows : rows.map((value) => value * inputScale) };
  const dOut = rowWidth - dIn;
  const x = new Float32Array(request.batchTokens * dIn);
  const target = new Float32Array(request.batchTokens * dOut);
  for (let row = 0; row < request.batchTokens; row++) {
    x.set(rows.subarray(row * rowWidth, row * rowWidth + dIn), row * dIn);
    target.set(rows.subarray(row * rowWidth + dIn, (row + 1) * rowWidth), row * dOut);
  }
  return { x, target };
}
