import { openDataSetFolder } from '@monosema/hub';
import { documentFiles, tokenContexts, tokenStream, type Model, type Tokenizer } from '@monosema/model';
import { dataSets, openDataSet } from '@monosema/sample-data';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isBundledData } from '../activations/contexts.ts';
import { forOption, UsageError } from '../exit.ts';
import { downloadBar } from '../session.ts';
import { Progress } from '../terminal.ts';
import type { ConfigFile } from './config-file.ts';

export interface TrainingText {
  trainContexts: Int32Array[];
  heldOutContexts: Int32Array[];
}

export interface TextOptions {
  data: string;
  split?: string;
  heldOutSplit?: string;
  column?: string;
  contextSize: number;
  /** Tokens that are trained on: no more text is read than they need. */
  tokens: number;
  /** How a config says that text becomes contexts. */
  packing?: ConfigFile['text'];
}

/** Share of the text that is kept for measuring where no split is for that. */
const heldOutShare = 0.05;
/** Held-out contexts that are used at most: enough for three digits. */
const mostHeldOut = 400;
/** Ids are held in memory: a gigabyte of them. A longer run reads them again. */
const mostTokens = 2 ** 28;

/** The contexts of a bundled data set, or of files; what is measured on is not trained on. */
export async function trainingText(options: TextOptions, model: Model, signal: AbortSignal): Promise<TrainingText> {
  const { data, contextSize } = options;
  const text = await forOption('--data', () => contextsOf(options, model, signal));
  if (text.trainContexts.length === 0 || text.heldOutContexts.length === 0)
    throw new UsageError('--data', `${data} is too short: it must fill at least two contexts of ${contextSize} tokens`);
  return text;
}

/** What a data set is called in requests: a path's last part, or the hub's name. */
export async function dataSetName(data: string): Promise<string> {
  const isLocal = /^[./~\\]/.test(data) || (await stat(data).catch(() => null)) !== null;
  return isLocal ? basename(data) : data;
}

async function contextsOf(options: TextOptions, model: Model, signal: AbortSignal): Promise<TrainingText> {
  const { data, contextSize, tokens, split, heldOutSplit, packing } = options;
  if (isBundledData(data) && packing === undefined) {
    const { documents } = await openDataSet(data);
    const held = tokenContexts(model.tokenizer, documents('heldOut'), contextSize);
    return {
      trainContexts: tokenContexts(model.tokenizer, documents('train'), contextSize),
      heldOutContexts: held.slice(0, mostHeldOut),
    };
  }
  // BOS and its kind are not trained on: a context gives a few tokens less than it is long.
  const needed = Math.ceil((1.1 * Math.min(tokens, mostTokens)) / contextSize);
  if (isBundledData(data)) {
    return {
      trainContexts: await read(options, 'train', needed, model, signal),
      heldOutContexts: await read(options, 'heldOut', mostHeldOut, model, signal),
    };
  }
  if (heldOutSplit !== undefined)
    return {
      trainContexts: await read(options, split, needed, model, signal),
      heldOutContexts: await read(options, heldOutSplit, mostHeldOut, model, signal),
    };
  const all = await read(options, split, needed + mostHeldOut, model, signal);
  const held = Math.min(mostHeldOut, Math.max(1, Math.floor(all.length * heldOutShare)));
  return { trainContexts: all.slice(0, -held), heldOutContexts: all.slice(-held) };
}

/** At most so many contexts of a split, in the order of the files. */
async function read(
  options: TextOptions,
  split: string | undefined,
  most: number,
  { tokenizer }: Model,
  signal: AbortSignal,
): Promise<Int32Array[]> {
  const { data, column, contextSize } = options;
  const progress = new Progress();
  try {
    const documents = isBundledData(data)
      ? (await openDataSet(data)).documents(split === 'heldOut' ? 'heldOut' : 'train')
      : documentFiles((await openFiles(data, split, progress, signal)).files, { column });
    const contexts: Int32Array[] = [];
    for await (const context of tokenStream({ tokenizer, documents, contextSize, ...packingOf(options, tokenizer) })) {
      contexts.push(context);
      if (contexts.length === most) break;
      if (contexts.length % 256 === 0) {
        signal.throwIfAborted();
        progress.update(`reading ${data}: ${contexts.length} contexts`);
      }
    }
    return contexts;
  } finally {
    progress.clear();
  }
}

async function openFiles(data: string, split: string | undefined, progress: Progress, signal: AbortSignal) {
  if (!/[./\\]/.test(data) && (await stat(data).catch(() => null)) === null)
    throw new Error(`no data set or file "${data}"; bundled: ${dataSets.map(({ id }) => id).join(', ')}`);
  return openDataSetFolder(data, { split, onProgress: downloadBar(progress), signal });
}

function packingOf({ packing }: TextOptions, { bos, eos }: Tokenizer) {
  if (!packing) return {};
  const { prependBos, concatenate, separator } = packing;
  const named = { bos, eos, sep: eos };
  return {
    bos: prependBos,
    concatenate,
    separator: typeof separator === 'string' ? named[separator] : separator,
  };
}
