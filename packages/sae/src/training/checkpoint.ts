import type { TrainingRequest } from '@monosema/catalog';
import { trainingRequestSchema } from '@monosema/catalog';
import type { AdamState } from '@monosema/engine/sparse';
import { readSafetensors, writeSafetensors, type NamedArrays } from '@monosema/formats';
import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { fileNamed, loadSae, parametersOf, saveSae, type Files } from '../checkpoint/sae-files.ts';
import { parameterNames, parameterShapes, type ParameterName, type Sae, type SaeParameters } from '../sae.ts';

/** The files of a checkpoint by name: the SAE in SAELens layout, and beside it what training needs to go on. */
export type TrainingCheckpoint = Files;

const stateFile = 'training_state.json';
const arraysFile = 'training_state.safetensors';
const stateSchema = z.strictObject({
  format: z.literal(1),
  step: z.number().int().min(0),
  request: trainingRequestSchema,
});

/** Everything that a run needs to go on as if it had never stopped. The token order follows from request and step. */
export interface TrainingState {
  step: number;
  request: TrainingRequest;
  sae: Sae;
  optimiser: AdamState;
  /** [d_sae] steps since each latent fired. */
  sinceFired: Int32Array;
}

/**
 * Files of a checkpoint: `cfg.json` and `sae_weights.safetensors` (any SAELens reader takes them as they are),
 * `training_state.json` (step, request) and `training_state.safetensors` (Adam's moments as m.* and v.*, since_fired).
 */
export function saveCheckpoint({ step, request, sae, optimiser, sinceFired }: TrainingState): TrainingCheckpoint {
  const shapes = parameterShapes(sae.config);
  const arrays: NamedArrays = { since_fired: { data: sinceFired, shape: [sinceFired.length] } };
  for (const moment of ['m', 'v'] as const) {
    for (const name of parameterNames)
      arrays[`${moment}.${name}`] = { data: optimiser[moment][name], shape: shapes[name] };
  }
  const json = `${JSON.stringify({ format: 1, step, request }, null, 2)}\n`;
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
  const { step, request } = parsed.data;
  const { since_fired: sinceFired, ...arrays } = readSafetensors(fileNamed(files, arraysFile));
  if (!(sinceFired?.data instanceof Int32Array) || sinceFired.data.length !== sae.config.dSae)
    throw new SaeFormatError(`${arraysFile}: since_fired must hold ${sae.config.dSae} whole numbers`);
  const shapes = parameterShapes(sae.config);
  const optimiser = { step, m: moment(arrays, 'm.', shapes), v: moment(arrays, 'v.', shapes) };
  return { step, request, sae, optimiser, sinceFired: sinceFired.data };
}

function moment(arrays: NamedArrays, prefix: string, shapes: Record<ParameterName, readonly number[]>): SaeParameters {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return parametersOf(
    Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array])),
    shapes,
    arraysFile,
  );
}

/** A checkpoint may only go on with the request that it was made for. @throws Error naming the fields that differ */
export function checkSameRequest(saved: TrainingRequest, wanted: TrainingRequest): void {
  const fields = [...new Set([...Object.keys(saved), ...Object.keys(wanted)])] as (keyof TrainingRequest)[];
  const different = fields.filter((field) => saved[field] !== wanted[field]);
  if (different.length === 0) return;
  const what = different.map((field) => `${field} (${String(saved[field])}, now ${String(wanted[field])})`);
  throw new Error(`the checkpoint is of another request; different: ${what.join(', ')}`);
}
