import {
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type NamedArrays,
  type SafetensorsHeader,
} from '@monosema/formats';
import { foldInputScale } from '../architectures/fold-input-scale.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import { parameter, parameterShapes, type ParameterName, type Sae } from '../sae.ts';
import { SaeFormatError } from './format-error.ts';
import { LoadNotes, type LoadNote } from './load-note.ts';
import { readSaelensConfig, type ReadConfig } from './saelens-config.ts';
import { modernTensors, parametersOf } from './tensors.ts';
import { toSaelensConfig } from './write-saelens-config.ts';

/** Files by name. */
export type Files = Record<string, Uint8Array>;
export const configFile = 'cfg.json';
export const weightsFile = 'sae_weights.safetensors';
/** Beside checkpoints of SAELens whose input scale is not folded in yet. */
export const scalerFile = 'activation_scaler.json';

/** An SAE that was read from files. */
export interface LoadedSae {
  sae: Sae;
  layout: ReadConfig['layout'];
  /** Every default and conversion that was applied. */
  notes: readonly LoadNote[];
}

/**
 * The files of an SAE, SAELens 6 layout: `cfg.json` and `sae_weights.safetensors`. The same SAE gives the same bytes; one
 * that was read from files of this layout gives the bytes that were read.
 *
 * @example await writeFile('cfg.json', saveSae(sae)['cfg.json'])
 */
export function saveSae(sae: Sae): Files {
  const arrays: NamedArrays = {};
  for (const [name, shape] of Object.entries(parameterShapes(sae.config)))
    arrays[name] = { data: parameter(sae, name as ParameterName), shape };
  const text = originalText(sae) ?? `${JSON.stringify(toSaelensConfig(sae.config), null, 2)}\n`;
  const dtypes = sae.origin?.dtypes ?? dtypesOf(sae.config);
  const { metadata = {} } = sae.origin ?? {};
  return {
    [configFile]: new TextEncoder().encode(text),
    [weightsFile]: writeSafetensors(arrays, metadata, { dtypes }),
  };
}

/** Parameters of a half-precision SAE are halves, but thresholds: Adam's steps on them would round away (SAELens #728). */
function dtypesOf(config: SaeConfig): Record<string, 'F16' | 'BF16'> {
  if (config.dtype === 'float32') return {};
  const half = config.dtype === 'float16' ? 'F16' : 'BF16';
  const names = Object.keys(parameterShapes(config)).filter((name) => !name.includes('threshold'));
  return Object.fromEntries(names.map((name) => [name, half]));
}

/** The cfg.json that the SAE came with, if it still says what the SAE is: key order and number format are kept. */
function originalText({ config, origin }: Sae): string | undefined {
  if (!origin) return undefined;
  const said = readSaelensConfig(origin.config).config;
  return JSON.stringify(said) === JSON.stringify(config) ? origin.config : undefined;
}

/**
 * Reads an SAE of SAELens layout: 6, or 5 and older. Strict: an unknown, missing or misshapen tensor is an error, as is a
 * field whose meaning would be lost. Other files beside the two (sparsity.safetensors among them) are left alone.
 *
 * @throws SaeFormatError, or FormatError for broken safetensors
 * @example const sae = loadSae({ 'cfg.json': config, 'sae_weights.safetensors': weights })
 */
export const loadSae = (files: Files): Sae => loadSaeWithNotes(files).sae;

/**
 * The same with everything that was assumed or converted on the way.
 * @example for (const { field, message } of loadSaeWithNotes(files).notes) console.warn(field, message)
 */
export function loadSaeWithNotes(files: Files): LoadedSae {
  const notes = new LoadNotes();
  const text = new TextDecoder().decode(fileNamed(files, configFile));
  const bytes = fileNamed(files, weightsFile);
  const header = readSafetensorsHeader(bytes);
  const tensors = readSafetensors(bytes);
  return { ...assembleSaelens({ text, header, tensors, scaler: files[scalerFile] }, notes), notes: notes.all };
}

/** What files of SAELens layout hold. */
export interface SaelensContents {
  /** Of cfg.json. */
  text: string;
  header: Pick<SafetensorsHeader, 'metadata' | 'tensors'>;
  tensors: NamedArrays;
  /** activation_scaler.json, where there is one. */
  scaler: Uint8Array | undefined;
}

/** The SAE of them. */
export function assembleSaelens(
  { text, header, tensors, scaler }: SaelensContents,
  notes: LoadNotes,
): Omit<LoadedSae, 'notes'> {
  const read = readSaelensConfig(text, notes);
  const modern = modernTensors(tensors, read, notes);
  const plain: Sae = { config: read.config, parameters: parametersOf(modern, read.config, weightsFile) };
  const scale = inputScale(scaler, plain, notes);
  const { layout } = read;
  if (scale !== null) return { sae: foldInputScale(plain, scale), layout };
  return { sae: layout === 'saelens-6' ? { ...plain, origin: originOf(text, header) } : plain, layout };
}

function originOf(config: string, { metadata, tensors }: SaelensContents['header']): NonNullable<Sae['origin']> {
  const halves = [...tensors].flatMap(([name, { dtype }]) =>
    dtype === 'F16' || dtype === 'BF16' ? [[name, dtype] as const] : [],
  );
  return { config, metadata, dtypes: Object.fromEntries(halves) };
}

/** What inputs were multiplied by in training, where that is not in the weights yet. */
function inputScale(file: Uint8Array | undefined, { config }: Sae, notes: LoadNotes): number | null {
  if (config.normalisation !== 'expected_average_only_in') return null;
  const scaler = file ? (JSON.parse(new TextDecoder().decode(file)) as { scaling_factor?: unknown }) : {};
  if (typeof scaler.scaling_factor !== 'number') {
    notes.add('unknown', 'normalize_activations', 'a scale of inputs was not folded in, and none is known: taken as 1');
    return null;
  }
  notes.add('converted', scalerFile, `inputs were multiplied by ${scaler.scaling_factor}: folded into the weights`);
  return scaler.scaling_factor;
}

export function fileNamed(files: Files, name: string): Uint8Array {
  const file = files[name];
  if (!file) throw new SaeFormatError(`${name} is missing; there is ${Object.keys(files).join(', ') || 'no file'}`);
  return file;
}
