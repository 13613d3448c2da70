import { readFileSync } from 'node:fs';
import type { Engine } from '@monosema/engine';
import { readSafetensors, type NamedArrays } from '@monosema/formats';
import { expect } from 'vitest';
import type { Files } from '../checkpoint/sae-files.ts';
import { decode, needsInput } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import type { Sae } from '../sae.ts';
import { memoryFolder, within, type SaeFolder } from './folder.ts';
import { publishedPlace, type PublishedPlace } from './published-place.ts';

// What scripts/record-published-layouts.py recorded: tiny files of published layouts, and what sae-lens makes of them.

export interface RecordedLayout {
  name: string;
  /** SAELens's name of it. */
  loader: string;
  repository: string;
  path: string;
  /** Base64 by path in the repository. */
  files: Record<string, string>;
  inputScale: number | null;
  config: {
    architecture: string;
    d_in: number;
    d_sae: number;
    d_out?: number;
    k?: number;
    apply_b_dec_to_input: boolean;
    normalize_activations: string;
    reshape_activations: string;
  };
  metadata: {
    model_name: string;
    hook_name: string;
    hook_name_out: string | null;
    context_size: number | null;
    prepend_bos: boolean;
    dataset_path: string | null;
  };
  codes: number[];
  out: number[];
}
export const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/published-layouts.json', import.meta.url), 'utf8'),
) as { dIn: number; dSae: number; rows: number; x: number[]; cases: RecordedLayout[] };

export const caseOf = (name: string): RecordedLayout => {
  const found = recorded.cases.find((recording) => recording.name === name);
  if (!found) throw new Error(`nothing is recorded as ${name}`);
  return found;
};

/** A recorded file, by the end of its path. */
export function fileOf({ files, name }: RecordedLayout, end: string): Uint8Array {
  const [, text] = Object.entries(files).find(([path]) => `/${path}`.endsWith(`/${end}`)) ?? [];
  if (text === undefined) throw new Error(`${name} has no ${end}`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}
export const tensorsOf = (recording: RecordedLayout, end: string): NamedArrays =>
  readSafetensors(fileOf(recording, end));

/** The place that the registry would give for a case. */
export function placeOf({ name, loader, repository, path, inputScale }: RecordedLayout): PublishedPlace {
  const sae = { saeId: 'it', path, l0: null, explainedVariance: null, neuronpediaId: null, inputScale };
  const release = { release: name, repository, model: 'm', loader, overrides: {}, links: {}, saes: [sae] };
  return publishedPlace({ release, sae });
}

/** Its repository, with files changed whose paths end in one of these names. */
export function folderOf(recording: RecordedLayout, change: Record<string, Uint8Array> = {}): SaeFolder {
  const all: Files = {};
  for (const path of Object.keys(recording.files)) {
    const changed = Object.entries(change).find(([end]) => `/${path}`.endsWith(`/${end}`));
    all[path] = changed?.[1] ?? fileOf(recording, path);
  }
  const { path } = placeOf(recording);
  const { folder, files, file } = within(recording.repository, Object.keys(all), path);
  const prefix = folder === '' ? '' : `${folder}/`;
  const contents = Object.fromEntries(files.map((name) => [name, all[prefix + name]!]));
  return memoryFolder(contents, `${recording.repository}/${path}`, folder, file);
}

/** Codes [rows, d_sae] and reconstructions of inputs. */
export async function valuesOf(
  engine: Engine,
  sae: Sae,
  input: Float32Array = Float32Array.from(recorded.x),
): Promise<{ codes: Float32Array; out: Float32Array }> {
  const encoder = await compileEncode(engine, sae);
  const sparse = await encoder.encode(input);
  await encoder.dispose();
  const { dSae } = sae.config;
  const codes = new Float32Array(sparse.rows * dSae);
  for (let row = 0; row < sparse.rows; row++)
    for (let pair = sparse.offsets[row]!; pair < sparse.offsets[row + 1]!; pair++)
      codes[row * dSae + sparse.indices[pair]!] = sparse.values[pair]!;
  return { codes, out: decode(sae, sparse, needsInput(sae.config) ? input : undefined) };
}

/** Within 1e-5, of the value where that is larger. */
export function close(what: string, actual: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(actual.length, what).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(actual[i]! - wanted[i]!), `${what}[${i}]: ${actual[i]}, not ${wanted[i]}`).toBeLessThan(
      1e-5 * Math.max(1, Math.abs(wanted[i]!)),
    );
}
export const times = (values: ArrayLike<number>, factor: (i: number) => number): Float32Array =>
  Float32Array.from(values, (value, i) => value * factor(i));
