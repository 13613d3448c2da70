import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { trainingRequestSchema, type Evaluation, type TrainingRequest } from '@monosema/catalog';
import { saveSae, type SaeConfig } from '@monosema/sae';
import { UsageError } from '../../exit.ts';
import { trainingFile } from '../../train/training-file.ts';
import { conversionFile, readConversion, type Conversion } from '../convert/conversion.ts';
import { openReference } from '../open-reference.ts';
import { savedEvaluation } from '../saved-evaluation.ts';
import type { PushOptions } from './command.ts';

/** An SAE on its way to a repository. */
export interface PushedSae {
  /** Its folder in the repository. */
  id: string;
  config: SaeConfig;
  evaluation: Evaluation | null;
  /** How it was trained, where that was written down. */
  training: TrainingRequest | null;
  /** What it was made from, where it was not made here. */
  conversion: Conversion | null;
  /** By name within the folder. */
  files: Readonly<Record<string, Uint8Array>>;
}

/** What else lies in the folder of an SAE and says something of it. */
const companions = ['evaluation.json', trainingFile, conversionFile, 'runner_cfg.json', 'sparsity.safetensors'];

/** The SAE that a reference names, or every SAE of a folder of folders. @throws UsageError */
export async function gatherSaes(reference: string, options: PushOptions, signal: AbortSignal): Promise<PushedSae[]> {
  const folders = await foldersOfSaes(reference);
  if (folders.length === 0) return [await gather(reference, options.path, options, signal)];
  const saes: PushedSae[] = [];
  for (const name of folders) {
    const id = options.path === undefined ? name : `${options.path}/${name}`;
    saes.push(await gather(join(reference, name), id, options, signal));
  }
  return saes;
}

/** Names of the folders right in a local one that hold an SAE each; none where it holds one itself. */
async function foldersOfSaes(path: string): Promise<string[]> {
  if (!(await stat(path).catch(() => null))?.isDirectory()) return [];
  const names = await readdir(path);
  if (names.includes('cfg.json')) return [];
  const held = await Promise.all(
    names.map(async (name) => (await stat(join(path, name, 'cfg.json')).catch(() => null)) !== null),
  );
  return names.filter((_, i) => held[i]).sort();
}

async function gather(
  reference: string,
  id: string | undefined,
  options: PushOptions,
  signal: AbortSignal,
): Promise<PushedSae> {
  const opened = await openReference('<sae>', reference, { ...options, modelId: options.model }, signal);
  const { sae, layout, provenance, notes } = opened;
  const { modelId, hookPoint } = sae.config.contract;
  if (modelId === 'unknown') throw new UsageError('--model', `${reference} does not say which model it is of: name it`);
  if (hookPoint === 'unknown') throw new UsageError('--hook', `${reference} does not say where it reads: name it`);
  const folder = provenance.kind === 'disk' ? provenance.path : null;
  const isOwn = layout === 'saelens' && provenance.repository === null;
  const files: Record<string, Uint8Array> = saveSae(sae);
  if (folder !== null)
    for (const name of companions) {
      const bytes = await readFile(join(folder, name)).catch(() => null);
      if (bytes) files[name] = bytes;
    }
  return {
    id: checkedPath(id ?? hookPoint),
    config: sae.config,
    evaluation: folder === null ? null : await savedEvaluation(folder),
    training: trainingOf(files),
    conversion: isOwn ? readConversion(files[conversionFile]) : { layout, provenance, notes },
    files,
  };
}

function trainingOf(files: Readonly<Record<string, Uint8Array>>): TrainingRequest | null {
  try {
    const { request } = JSON.parse(new TextDecoder().decode(files[trainingFile])) as { request: unknown };
    return trainingRequestSchema.parse(request);
  } catch {
    return null;
  }
}

function checkedPath(path: string): string {
  const plain = path.replace(/^\/+|\/+$/g, '');
  if (/[\\\0]/.test(plain) || plain.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new UsageError('--path', `"${path}" is no folder of a repository`);
  return plain;
}
