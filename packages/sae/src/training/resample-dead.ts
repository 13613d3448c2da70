import type { Engine } from '@monosema/engine';
import { outputWidth } from '../config/sae-config.ts';
import type { ActivationStore } from './activation-store.ts';
import { normalisedRows } from './normalised-rows.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { TrainingPlan } from './plan.ts';
import { drawRows, resampled } from './resample.ts';
import { rowErrors } from './row-errors.ts';
import type { SaeParameters } from '../sae.ts';

export interface ResampleDeadOptions {
  engine: Engine;
  plan: TrainingPlan;
  store: ActivationStore;
  inputScale: number;
  /** Steps taken so far. */
  step: number;
  dead: Uint8Array;
  state: { parameters: SaeParameters; optimiser: OptimiserState };
}

/**
 * Resamples the dead latents of a run on the pool that the next step reads; null when none is dead. The draw depends on
 * the seed and the step only.
 */
export async function resampleDead(
  options: ResampleDeadOptions,
): Promise<{ latents: number[]; parameters: SaeParameters; optimiser: OptimiserState } | null> {
  const { engine, plan, store, inputScale, step, dead, state } = options;
  const { config, request, settings } = plan;
  const rules = settings.resampling;
  const all = Array.from(dead.keys()).filter((latent) => dead[latent]);
  if (rules === null || all.length === 0) return null;
  const { x, target } = await store.sample(step * request.batchTokens, rules.inputs, inputScale);
  const errors = await rowErrors(engine, { config, parameters: state.parameters }, x, target);
  const rows = drawRows(errors, all.length, request.seed, 'resample', step);
  const latents = all.slice(0, rows.length);
  const seen = normalisedRows(config, picked(x, rows, config.dIn));
  const { b_dec } = state.parameters;
  const encoded = config.subtractDecoderBias ? without(seen, b_dec) : seen;
  const decoded = without(target ? picked(target, rows, outputWidth(config)) : seen, b_dec);
  const { encoderShare } = rules;
  const { jumpThreshold: threshold } = settings.loss;
  const sae = { config, parameters: state.parameters };
  return { latents, ...resampled(sae, state.optimiser, latents, { encoded, decoded }, { encoderShare, threshold }) };
}

function picked(x: Float32Array, rows: readonly number[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => out.set(x.subarray(row * width, (row + 1) * width), i * width));
  return out;
}

const without = (rows: Float32Array, bias: Float32Array): Float32Array =>
  rows.map((value, i) => value - bias[i % bias.length]!);
