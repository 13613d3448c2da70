import { createHash } from 'node:crypto';
import { parseRepositoryId, pushFiles, type PushFile, type PushProgress, type RepositoryId } from '@monosema/hub';
import { forOption, UsageError } from '../../exit.ts';
import { fileSize, table } from '../../table.ts';
import { bar, Progress, writeJson } from '../../terminal.ts';
import { writeCard } from './card.ts';
import type { PushOptions } from './command.ts';
import { gatherSaes, type PushedSae } from './gather.ts';
import { repositoryState } from './repository-state.ts';

/** `monosema sae push`. */
export async function push(
  reference: string,
  repository: string,
  options: PushOptions,
  signal: AbortSignal,
): Promise<void> {
  const id = repositoryOf(repository);
  const saes = await gatherSaes(reference, options, signal);
  const known = options.dryRun ? null : await forOption('<repository>', () => repositoryState(id, signal));
  const keepsCard = (known?.hasOwnCard ?? false) && !options.replaceCard;
  const { licence = null, baseModel = null } = options;
  const card = writeCard({ repository: id.name, saes, others: known?.saes ?? [], licence, baseModel });
  const files = filesOf(saes, keepsCard ? null : card);
  if (options.dryRun) {
    showDryRun(files, card, options);
    return;
  }
  const pushed = await send(id, files, saes, options, signal);
  if (options.json) {
    writeJson({ repository: id.name, ...pushed, files: files.map(({ path }) => path), card: keepsCard ? null : card });
    return;
  }
  if (keepsCard) process.stderr.write('README.md was written by a person and stays (see --replace-card)\n');
  for (const sae of saes) process.stdout.write(`${id.name}/${sae.id}\n`);
  process.stderr.write(`${pushed.url} at ${pushed.commit}\n`);
}

function repositoryOf(text: string): RepositoryId {
  const id = parseRepositoryId('model', text);
  if (!id?.name.includes('/')) throw new UsageError('<repository>', `"${text}" is not owner/name or owner/name@branch`);
  return id;
}

function filesOf(saes: readonly PushedSae[], card: string | null): PushFile[] {
  const files: PushFile[] = saes.flatMap((sae) =>
    Object.entries(sae.files).map(([name, content]) => ({ path: `${sae.id}/${name}`, content })),
  );
  return card === null ? files : [...files, { path: 'README.md', content: new TextEncoder().encode(card) }];
}

function showDryRun(files: readonly PushFile[], card: string, { json }: PushOptions): void {
  const rows = files.map(({ path, content }) => ({
    path,
    bytes: (content as Uint8Array).length,
    sha256: createHash('sha256')
      .update(content as Uint8Array)
      .digest('hex'),
  }));
  if (json) {
    writeJson({ files: rows, card });
    return;
  }
  process.stderr.write(table(rows.map(({ path, bytes, sha256 }) => [path, fileSize(bytes), `sha256 ${sha256}`])));
  process.stderr.write('nothing was sent; SAEs that the repository has already join the card when it is\n\n');
  process.stdout.write(card);
}

async function send(
  id: RepositoryId,
  files: readonly PushFile[],
  saes: readonly PushedSae[],
  options: PushOptions,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof pushFiles>>> {
  const message = options.message ?? (saes.length === 1 ? `Push SAE ${saes[0]!.id}` : `Push ${saes.length} SAEs`);
  const progress = new Progress();
  try {
    return await forOption('<repository>', () =>
      pushFiles(id, files, { message, private: options.private, signal, onProgress: progressLine(progress, files) }),
    );
  } finally {
    progress.clear();
  }
}

function progressLine(progress: Progress, files: readonly PushFile[]): (step: PushProgress) => void {
  const total = files.reduce((sum, { content }) => sum + (content as Uint8Array).length, 0);
  return (step) => {
    if (step.phase === 'hashing') progress.update(`hashing ${step.file}`);
    if (step.phase === 'uploading') progress.update(`${bar(step.sent, total)}  ${fileSize(step.sent)} sent`);
    if (step.phase === 'committing') progress.update('committing');
  };
}
