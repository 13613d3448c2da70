import { openDataSetFolder } from '@monosema/hub';
import { documentFiles, tokenStream, type Model } from '@monosema/model';
import { forOption, UsageError } from '../exit.ts';
import { downloadBar } from '../session.ts';
import { Progress } from '../terminal.ts';
import type { ActivationsOptions } from './command.ts';

/** The first contexts of --data; no more of it is read than they need. */
export async function contextsOf(
  { data, split, column, contexts, contextSize }: ActivationsOptions,
  model: Model,
  signal: AbortSignal,
): Promise<Int32Array[]> {
  if (contextSize > model.config.contextSize)
    throw new UsageError(
      '--context-size',
      `is ${contextSize}, but ${model.id} reads at most ${model.config.contextSize} tokens`,
    );
  const progress = new Progress();
  const rows = await forOption('--data', async () => {
    const { files } = await openDataSetFolder(data!, { split, onProgress: downloadBar(progress), signal });
    const stream = tokenStream({
      tokenizer: model.tokenizer,
      documents: documentFiles(files, { column }),
      contextSize,
    });
    const rows: Int32Array[] = [];
    for await (const row of stream) if (rows.push(row) === contexts) break;
    return rows;
  }).finally(() => progress.clear());
  if (rows.length === 0) throw new UsageError('--data', `${data} does not fill one context of ${contextSize} tokens`);
  return rows;
}
