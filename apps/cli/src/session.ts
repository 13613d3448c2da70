import { openEngine, type Engine } from '@monosema/engine';
import { openModelFolder, type DownloadProgress, type ModelFolder } from '@monosema/hub';
import { loadModel, type Model } from '@monosema/model';
import { env } from './env.ts';
import { forOption } from './exit.ts';
import { defaultModel, type ModelOptions } from './model-options.ts';
import { bar, Progress } from './terminal.ts';

export interface Session {
  engine: Engine;
  model: Model;
}

/** Opens the model and the engine that the options name, runs `work`, and closes the engine again. */
export async function withSession<T>(
  options: ModelOptions,
  work: (session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const model = await withModelFolder(options.model ?? defaultModel, (folder) => loadModel(folder), signal);
  return withEngine(options, (engine) => work({ engine, model }));
}

/** Opens the engine that the options name, runs `work`, and closes it again. */
export async function withEngine<T>(
  { engine: name, threads }: Pick<ModelOptions, 'engine' | 'threads'>,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const wanted = (name ?? env.MONOSEMA_ENGINE) as Engine['name'] | undefined;
  const engine = await forOption('--engine', () => openEngine({ engine: wanted, threads }));
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Opens the files of --model, with a bar for what has to be downloaded; `read` reads of them what is needed. */
export async function withModelFolder<T>(
  reference: string,
  read: (folder: ModelFolder) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const progress = new Progress();
  try {
    return await forOption('--model', async () =>
      read(await openModelFolder(reference, { onProgress: downloadBar(progress), signal })),
    );
  } finally {
    progress.clear();
  }
}

/** One line per file on its way. */
export function downloadBar(progress: Progress): (download: DownloadProgress) => void {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return ({ repository, file, received, size }) => {
    progress.update(`${bar(received, size)}  ${repository} ${file}  ${megabytes(received)} of ${megabytes(size)} MB`);
    if (received === size) progress.clear();
  };
}
