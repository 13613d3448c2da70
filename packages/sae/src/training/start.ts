import { outputWidth } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import type { ActivationStore } from './activation-store.ts';
import { geometricMedian } from './geometric-median.ts';
import { initialParameters } from './initial-parameters.ts';
import { meanNorm, meanOf, sampleOf } from './input-statistics.ts';
import { normalisedRows } from './normalised-rows.ts';
import type { TrainingPlan } from './plan.ts';

/** Rows of the first pool that the geometric median is of. */
const MEDIAN_ROWS = 16_384;

/**
 * The SAE before its first step, and what its inputs are multiplied by. Statistics are those of the first pool, whose
 * rows are trained on as well: no data is lost (SAELens uses up a thousand batches).
 */
export async function startOf(plan: TrainingPlan, store: ActivationStore): Promise<{ sae: Sae; inputScale: number }> {
  const { config, settings, request } = plan;
  const inputScale = await inputScaleOf(plan, store);
  const decoderBias = await decoderBiasOf(plan, store, inputScale);
  const { start, loss } = settings;
  return {
    inputScale,
    sae: { config, parameters: initialParameters({ config, start, loss, seed: request.seed, decoderBias }) },
  };
}

/** sqrt(d_in) / mean norm, so that inputs have norm sqrt(d_in) on average (Anthropic, April 2024). */
async function inputScaleOf({ config, request }: TrainingPlan, store: ActivationStore): Promise<number> {
  if (config.normalisation !== 'expected_average_only_in' || 'dOut' in config) return 1;
  return Math.sqrt(config.dIn) / meanNorm(await store.firstRefill(request.hookPoint), config.dIn);
}

/** b_dec at the start, in the units in which the SAE reconstructs (SAELens #439: the scaled ones). */
async function decoderBiasOf(
  { config, settings, request }: TrainingPlan,
  store: ActivationStore,
  inputScale: number,
): Promise<Float32Array> {
  const width = outputWidth(config);
  const kind = settings.start.decoderBias;
  if (kind === 'zeros') return new Float32Array(width);
  const parts = await store.firstRefill(request.hookPointOut ?? request.hookPoint);
  const plain = config.normalisation === 'none' || config.normalisation === 'expected_average_only_in';
  if (kind === 'mean' && plain && !config.centred)
    return Float32Array.from(meanOf(parts, width), (value) => value * inputScale);
  const rows = sampleOf(parts, width, MEDIAN_ROWS).map((value) => value * inputScale);
  const seen = 'dOut' in config ? rows : normalisedRows(config, rows);
  const all = [{ rows: seen.length / width, data: seen }];
  return Float32Array.from(kind === 'mean' ? meanOf(all, width) : geometricMedian(seen, width));
}
