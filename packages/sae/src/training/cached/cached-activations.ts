import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '@monosema/model';
import type { ActivationReader, ActivationSource, Split } from '../activation-source.ts';
import { modelFingerprint, tokensDigest } from './fingerprint.ts';
import { ActivationCacheError, manifestFile, parseManifest, type ActivationManifest } from './manifest.ts';
import { openSplit, type OpenShard } from './open-shards.ts';

/** Activations on disk, as something to train on. */
export interface CachedActivations extends ActivationSource {
  readonly manifest: ActivationManifest;
  /** @throws ActivationCacheError when they are of another model, or of another checkpoint or processing of it */
  checkModel(model: Model): void;
  /** Closes the files. */
  close(): Promise<void>;
}

/** What the activations must be of; all of it may be left out. */
export interface CachedActivationsOptions {
  model?: Model;
  hookPoints?: readonly string[];
  trainContexts?: readonly Int32Array[];
  heldOutContexts?: readonly Int32Array[];
}

/**
 * Opens what `cacheActivations` wrote. Neither model nor text is needed; those that are given are checked. Token ids are
 * held in memory, activations are read as they are trained on.
 *
 * @throws ActivationCacheError when the folder is incomplete or damaged, or holds something else, naming it
 * @example
 * const activations = await openCachedActivations('./cache');
 * for await (const event of trainSaes({ runs, engine, activations })) …
 * await activations.close();
 */
export async function openCachedActivations(
  folder: string,
  expected: CachedActivationsOptions = {},
): Promise<CachedActivations> {
  const manifest = parseManifest(await manifestOf(folder), join(folder, manifestFile));
  checkExpected(manifest, expected);
  const shards = {
    train: await openSplit(folder, manifest, 'train'),
    heldOut: await openSplit(folder, manifest, 'heldOut'),
  };
  const close = async (): Promise<void> => {
    for (const shard of [...shards.train, ...shards.heldOut]) await shard.close();
  };
  try {
    const contexts = {
      train: await contextsOf(folder, manifest, 'train', shards.train),
      heldOut: await contextsOf(folder, manifest, 'heldOut', shards.heldOut),
    };
    return {
      manifest,
      modelId: manifest.model.id,
      vocabularySize: manifest.model.vocabularySize,
      contextSize: manifest.model.contextSize,
      prependBos: manifest.prependBos,
      excludedTokens: manifest.excludedTokens,
      contexts,
      width: (hookPoint) => widthOf(manifest, hookPoint),
      open: (hookPoints) => Promise.resolve(readerOf(shards, hookPoints)),
      checkModel: (model) => checkModel(manifest, model),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function manifestOf(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, manifestFile), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ActivationCacheError(
      `${folder} has no ${manifestFile}: it holds no cached activations, or unfinished ones`,
    );
  }
}

function checkExpected(manifest: ActivationManifest, expected: CachedActivationsOptions): void {
  const { model, hookPoints = [], trainContexts, heldOutContexts } = expected;
  if (model) checkModel(manifest, model);
  for (const hookPoint of hookPoints) widthOf(manifest, hookPoint);
  for (const [split, contexts] of [
    ['train', trainContexts],
    ['heldOut', heldOutContexts],
  ] as const)
    if (contexts && tokensDigest(contexts) !== manifest.splits[split].tokens)
      throw new ActivationCacheError(`the cached activations are of another text than ${split}Contexts`);
}

function checkModel({ model: { id, fingerprint } }: ActivationManifest, model: Model): void {
  if (model.id !== id) throw new ActivationCacheError(`the cached activations are of ${id}, not ${model.id}`);
  if (modelFingerprint(model) !== fingerprint)
    throw new ActivationCacheError(
      `the cached activations are of ${id} with other weights, or other processing of them`,
    );
}

function widthOf({ hookPoints }: ActivationManifest, hookPoint: string): number {
  const width = Object.hasOwn(hookPoints, hookPoint) ? hookPoints[hookPoint] : undefined;
  if (width !== undefined) return width;
  throw new ActivationCacheError(
    `${hookPoint} is not among the cached hook points: ${Object.keys(hookPoints).join(', ')}`,
  );
}

async function contextsOf(
  folder: string,
  { contextSize, splits }: ActivationManifest,
  split: Split,
  shards: readonly OpenShard[],
): Promise<Int32Array[]> {
  const all: Int32Array[] = [];
  for (const { file, contexts } of shards) {
    const { data } = await file.read('tokens');
    if (!(data instanceof Int32Array)) throw new ActivationCacheError(`${folder}: tokens are no whole numbers`);
    for (let row = 0; row < contexts; row++) all.push(data.subarray(row * contextSize, (row + 1) * contextSize));
  }
  if (tokensDigest(all) !== splits[split].tokens)
    throw new ActivationCacheError(`${folder}: the token ids of ${split} are not those that were written`);
  return all;
}

function readerOf(shards: Readonly<Record<Split, OpenShard[]>>, hookPoints: readonly string[]): ActivationReader {
  const shardWith = (split: Split, context: number): OpenShard => {
    const found = shards[split].find(({ start, contexts }) => context >= start && context < start + contexts);
    if (!found) throw new RangeError(`there is no context ${context} of ${split}`);
    return found;
  };
  return {
    async read(split, places) {
      const values: Record<string, Float32Array> = {};
      for (const hookPoint of hookPoints) {
        const rows: Float32Array[] = [];
        for (const place of places) {
          const { file, start } = shardWith(split, place);
          rows.push((await file.readRows(hookPoint, place - start, place - start + 1)).data as Float32Array);
        }
        values[hookPoint] = joined(rows);
      }
      return values;
    },
    close: () => Promise.resolve(),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
