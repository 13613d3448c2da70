import { openDataSetFolder } from '@monosema/hub';
import { documentFiles, tokenStream, type DocumentFile, type Model } from '@monosema/model';
import { dataSets, openDataSet } from '@monosema/sample-data';
import { forOption, UsageError } from '../exit.ts';
import { downloadBar } from '../session.ts';
import { Progress } from '../terminal.ts';

export interface ContextOptions {
  data?: string;
  split?: string;
  column?: string;
  /** How many are read at most. */
  contexts: number;
  contextSize: number;
  /** Whether they begin with BOS; they do by default. */
  bos?: boolean;
}

export const isBundledData = (name: string): boolean => dataSets.some(({ id }) => id === name);

/** The first contexts of --data; no more of it is read than they need. */
export async function contextsOf(options: ContextOptions, model: Model, signal: AbortSignal): Promise<Int32Array[]> {
  const { data, contexts, contextSize, bos } = options;
  if (contextSize > model.config.contextSize)
    throw new UsageError(
      '--context-size',
      `is ${contextSize}, but ${model.id} reads at most ${model.config.contextSize} tokens`,
    );
  const progress = new Progress();
  const rows = await forOption('--data', async () => {
    const documents = await documentsOf(options, progress, signal);
    const rows: Int32Array[] = [];
    const stream = tokenStream({ tokenizer: model.tokenizer, documents, contextSize, bos });
    for await (const row of stream) if (rows.push(row) === contexts) break;
    return rows;
  }).finally(() => progress.clear());
  if (rows.length === 0) throw new UsageError('--data', `${data} does not fill one context of ${contextSize} tokens`);
  return rows;
}

async function documentsOf(
  { data = '', split, column }: ContextOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly string[] | readonly DocumentFile[]> {
  if (isBundledData(data)) return (await openDataSet(data)).documents(split === 'train' ? 'train' : 'heldOut');
  const { files } = await openDataSetFolder(data, { split, onProgress: downloadBar(progress), signal });
  return documentFiles(files, { column });
}
