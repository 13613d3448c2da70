import type { TrainingRequest } from '@monosema/catalog';
import { trainingRequestSchema } from '@monosema/catalog';
import { readSafetensors, writeSafetensors, type NamedArrays } from '@monosema/formats';
import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { fileNamed, loadSae, saveSae, type Files } from '../checkpoint/sae-files.ts';
import { parametersOf } from '../checkpoint/tensors.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import { trainingSettingsSchema, type TrainingSettings } from '../config/training-settings.ts';
import { parameterShapes, type ParameterName, type Sae, type SaeParameters } from '../sae.ts';
import type { OptimiserState } from './optimiser-state.ts';

/** The files of a checkpoint by name: the SAE in SAELens layout, and beside it what training needs to go on. */
export type TrainingCheckpoint = Files;

const stateFile = 'training_state.json';
const arraysFile = 'training_state.safetensors';
const stateSchema = z.strictObject({
  format: z.literal(1),
  step: z.number().int().min(0),
  request: trainingRequestSchema,
  /** Absent in checkpoints of versions that had only one way to train. */
  settings: trainingSettingsSchema.optional(),
  /** What inputs are multiplied by before the SAE sees them. */
  inputScale: z.number().positive().default(1),
});

/** Everything that a run needs to go on as if it had never stopped. The token order follows from request and step. */
export interface TrainingState {
  step: number;
  request: TrainingRequest;
  settings?: TrainingSettings | undefined;
  inputScale: number;
  sae: Sae;
  optimiser: OptimiserState;
  /** [d_sae] steps since each latent fired. */
  sinceFired: Int32Array;
}

/**
 * Files of a checkpoint: `cfg.json` and `sae_weights.safetensors` (any SAELens reader takes them as they are),
 * `training_state.json` (step, request) and `training_state.safetensors` (Adam's moments as m.* and v.*, since_fired).
 */
export function saveCheckpoint(state: TrainingState): TrainingCheckpoint {
  const { step, request, settings, inputScale, sae, optimiser, sinceFired } = state;
  const arrays: NamedArrays = { since_fired: { data: sinceFired, shape: [sinceFired.length] } };
  for (const moment of ['m', 'v'] as const) {
    for (const [name, shape] of Object.entries(parameterShapes(sae.config))) {
      const data = optimiser[moment][name as ParameterName];
      if (data) arrays[`${moment}.${name}`] = { data, shape };
    }
  }
  const json = `${JSON.stringify({ format: 1, step, request, settings, inputScale }, null, 2)}\n`;
  return { ...saveSae(sae), [stateFile]: new TextEncoder().encode(json), [arraysFile]: writeSafetensors(arrays) };
}

/**
 * Reads a checkpoint.
 * @throws SaeFormatError when a file is missing or wrong
 */
export function loadCheckpoint(files: TrainingCheckpoint): TrainingState {
  const sae = loadSae(files);
  const parsed = stateSchema.safeParse(JSON.parse(new TextDecoder().decode(fileNamed(files, stateFile))));
  if (!parsed.success) throw new SaeFormatError(`${stateFile}: ${z.prettifyError(parsed.error)}`);
  const { step, request, settings, inputScale } = parsed.data;
  const { since_fired: sinceFired, ...arrays } = readSafetensors(fileNamed(files, arraysFile));
  if (!(sinceFired?.data instanceof Int32Array) || sinceFired.data.length !== sae.config.dSae)
    throw new SaeFormatError(`${arraysFile}: since_fired must hold ${sae.config.dSae} whole numbers`);
  const optimiser = { step, m: moment(arrays, 'm.', sae.config), v: moment(arrays, 'v.', sae.config) };
  return { step, request, settings, inputScale, sae, optimiser, sinceFired: sinceFired.data };
}

function moment(arrays: NamedArrays, prefix: string, config: SaeConfig): SaeParameters {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return parametersOf(
    Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array])),
    config,
    arraysFile,
  );
}

/** A checkpoint may only go on with the request and settings that it was made for. @throws Error naming what differs */
export function checkSameRun(saved: TrainingState, wanted: Pick<TrainingState, 'request' | 'settings'>): void {
  const [before, now] = [
    { ...saved.request, ...saved.settings },
    { ...wanted.request, ...(saved.settings && wanted.settings) },
  ];
  const text = (values: Record<string, unknown>, field: string): string =>
    typeof values[field] === 'object' ? JSON.stringify(values[field]) : String(values[field]);
  const different = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (field) => text(before, field) !== text(now, field),
  );
  if (different.length === 0) return;
  const what = different.map((field) => `${field} (${text(before, field)}, now ${text(now, field)})`);
  throw new Error(`the checkpoint is of another request; different: ${what.join(', ')}`);
}
