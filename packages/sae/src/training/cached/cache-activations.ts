import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSafetensors, openFileSource, openSafetensors, type WrittenTensor } from '@monosema/formats';
import type { Engine } from '@monosema/engine';
import { checkContexts, concatContexts } from '../../contexts.ts';
import { modelSource, type ActivationReader, type ActivationSource, type Split } from '../activation-source.ts';
import type { TrainingText } from '../options.ts';
import { modelFingerprint, tokensDigest } from './fingerprint.ts';
import {
  ActivationCacheError,
  cacheTypes,
  manifestFile,
  type ActivationManifest,
  type CacheShard,
  type CacheType,
} from './manifest.ts';

/** Tokens of one forward pass. */
const PASS_TOKENS = 8192;
const bytesPerNumber = { float32: 4, float16: 2, bfloat16: 2 } as const;

export interface CacheActivationsOptions extends TrainingText {
  engine: Engine;
  /** Read from the one pass, all of them. */
  hookPoints: readonly string[];
  /** Where the files go; made when it is not there. */
  folder: string;
  /** What the text is called. */
  dataSetId: string;
  /** `float32` by default, which trains to the bits that the model would; halves take half the room. */
  dtype?: CacheType;
  /** A file is at most this large; 2 GB by default. */
  shardBytes?: number;
  signal?: AbortSignal;
}

/** Tokens whose activations are on disk, of both splits together. */
export interface CacheProgress {
  done: number;
  total: number;
}

/**
 * Writes the activations of text into a folder, by one forward pass: safetensors files of at most 2 GB (`tokens`, and
 * every hook point as [contexts, contextSize, width]), and at the end `manifest.json`. Begun again after it was killed, it
 * goes on behind the last whole file. Training reads them with neither model nor text (`openCachedActivations`).
 *
 * @throws Error naming the hook point, the contexts, or the folder that is in use; the signal's reason on abort
 * @example
 * for await (const { done, total } of cacheActivations({ ...text, engine, hookPoints, folder, dataSetId: 'tinystories' }))
 *   console.log(done / total);
 */
export async function* cacheActivations(options: CacheActivationsOptions): AsyncGenerator<CacheProgress> {
  const { engine, folder, hookPoints, model, dataSetId, dtype = 'float32' } = options;
  const source = modelSource(engine, options);
  const contextSize = source.contexts.train[0]?.length ?? 0;
  checkContexts('trainContexts', source.contexts.train, contextSize, source.vocabularySize);
  checkContexts('heldOutContexts', source.contexts.heldOut, contextSize, source.vocabularySize);
  if (hookPoints.length === 0) throw new RangeError('hookPoints is empty: at least one is needed');
  const widths = Object.fromEntries(hookPoints.map((name) => [name, source.width(name)]));
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).includes(manifestFile))
    throw new ActivationCacheError(`${folder} holds cached activations already`);
  const fingerprint = modelFingerprint(model);
  const reader = await source.open(hookPoints, contextSize);
  const progress: CacheProgress = {
    done: 0,
    total: (source.contexts.train.length + source.contexts.heldOut.length) * contextSize,
  };
  const writer: ShardWriter = { options, source, reader, widths, fingerprint, contextSize, progress };
  try {
    const splits = { train: yield* writeSplit(writer, 'train'), heldOut: yield* writeSplit(writer, 'heldOut') };
    const manifest: ActivationManifest = {
      format: 1,
      model: {
        ...{ id: model.id, vocabularySize: source.vocabularySize, contextSize: source.contextSize, fingerprint },
      },
      ...{ dataSetId, contextSize, prependBos: source.prependBos, excludedTokens: [...source.excludedTokens] },
      ...{ hookPoints: widths, dtype, splits },
    };
    const unfinished = join(folder, `.${manifestFile}`);
    await writeFile(unfinished, `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(unfinished, join(folder, manifestFile));
  } finally {
    await reader.close();
  }
}

interface ShardWriter {
  options: CacheActivationsOptions;
  source: ActivationSource;
  reader: ActivationReader;
  widths: Readonly<Record<string, number>>;
  fingerprint: string;
  contextSize: number;
  progress: CacheProgress;
}

async function* writeSplit(
  writer: ShardWriter,
  split: Split,
): AsyncGenerator<CacheProgress, ActivationManifest['splits'][Split]> {
  const { options, source, widths, contextSize, progress } = writer;
  const contexts = source.contexts[split];
  const numbers = Object.values(widths).reduce((a, b) => a + b, 0);
  const contextBytes = contextSize * (4 + numbers * bytesPerNumber[options.dtype ?? 'float32']);
  const perShard = Math.max(1, Math.floor(((options.shardBytes ?? 2e9) - 4096) / contextBytes));
  const shards: CacheShard[] = [];
  for (let start = 0; start < contexts.length; start += perShard) {
    const file = `${split}-${String(shards.length).padStart(5, '0')}.safetensors`;
    const count = Math.min(perShard, contexts.length - start);
    const whole = await wholeShard(writer, file, contexts.slice(start, start + count));
    if (whole) progress.done += count * contextSize;
    else yield* writeShard(writer, split, file, start, count);
    if (whole) yield { ...progress };
    shards.push({ file, contexts: count, bytes: whole ?? (await sizeOf(join(options.folder, file))) });
  }
  return { contexts: contexts.length, tokens: tokensDigest(contexts), shards };
}

const tensorsOf = ({ options, widths, contextSize }: ShardWriter, count: number): Record<string, WrittenTensor> => ({
  tokens: { dtype: 'I32', shape: [count, contextSize] },
  ...Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [
      name,
      { dtype: cacheTypes[options.dtype ?? 'float32'], shape: [count, contextSize, width] },
    ]),
  ),
});

async function* writeShard(
  writer: ShardWriter,
  split: Split,
  file: string,
  start: number,
  count: number,
): AsyncGenerator<CacheProgress> {
  const { options, source, reader, widths, contextSize, fingerprint, progress } = writer;
  const unfinished = join(options.folder, `.${file}`);
  const handle = await open(unfinished, 'w');
  let whole = false;
  try {
    const shard = await createSafetensors(handle, tensorsOf(writer, count), { model: fingerprint });
    const perPass = Math.max(1, Math.floor(PASS_TOKENS / contextSize));
    for (let row = 0; row < count; row += perPass) {
      options.signal?.throwIfAborted();
      const places = Int32Array.from({ length: Math.min(perPass, count - row) }, (_, i) => start + row + i);
      const values = await reader.read(split, places);
      await shard.writeRows('tokens', row, concatContexts(Array.from(places, (at) => source.contexts[split][at]!)));
      for (const name of Object.keys(widths)) await shard.writeRows(name, row, values[name]!);
      progress.done += places.length * contextSize;
      yield { ...progress };
    }
    await handle.sync();
    whole = true;
  } finally {
    await handle.close();
    if (whole) await rename(unfinished, join(options.folder, file));
    else await rm(unfinished, { force: true });
  }
}

/** The size of a shard that an earlier, unfinished run wrote for the same model and text; null when there is none. */
async function wholeShard(writer: ShardWriter, file: string, contexts: readonly Int32Array[]): Promise<number | null> {
  const path = join(writer.options.folder, file);
  if (!(await readdir(writer.options.folder)).includes(file)) return null;
  await using source = await openFileSource(path);
  const { metadata, tensors, read } = await openSafetensors(source);
  const wanted = Object.entries(tensorsOf(writer, contexts.length));
  const same =
    metadata['model'] === writer.fingerprint &&
    tensors.size === wanted.length &&
    wanted.every(([name, { dtype, shape }]) => {
      const found = tensors.get(name);
      return found?.dtype === dtype && found.shape.join() === shape.join();
    }) &&
    tokensDigest([(await read('tokens')).data as Int32Array]) === tokensDigest(contexts);
  return same ? source.size : null;
}

async function sizeOf(path: string): Promise<number> {
  await using source = await openFileSource(path);
  return source.size;
}
