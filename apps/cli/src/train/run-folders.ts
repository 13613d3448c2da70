import { join } from 'node:path';
import { OutFolder, type Files } from '../out-folder.ts';
import { UsageError } from '../exit.ts';
import type { NamedRun } from './runs.ts';

/** A run that is to be trained, and where it goes. */
export interface PlacedRun {
  run: NamedRun;
  path: string;
  folder: OutFolder;
}

/** The folder of a run; a single one has no name. */
export const pathOf = (name: string, out: string): string => (name === '' ? out : join(out, name));

/**
 * The folders of the runs: --out itself for a single one, a folder of the run's name in it for each of several. With
 * --resume, runs that are finished are left out, and others go on from their checkpoint where they have one.
 *
 * @throws UsageError when a folder is in use, or there is nothing to resume
 */
export async function placeRuns(runs: readonly NamedRun[], out: string, resume: boolean): Promise<PlacedRun[]> {
  const placed: PlacedRun[] = [];
  let begun = 0;
  for (const run of runs) {
    const path = pathOf(run.name, out);
    const folder = new OutFolder(path);
    const isFinished = await folder.isFinished();
    const checkpoint = await folder.checkpoint();
    begun += Number(isFinished || checkpoint !== null);
    if (isFinished && !(resume && run.name !== '')) throw folder.inUse();
    if (!resume && checkpoint)
      throw new UsageError('--out', `${path} holds a checkpoint; go on with --resume, or choose another folder`);
    if (isFinished) continue;
    placed.push({ run: resume && checkpoint ? { ...run, resume: checkpoint } : run, path, folder });
  }
  if (resume && begun === 0) throw new UsageError('--resume', `there is no checkpoint in ${out}`);
  if (placed.length === 0) throw new UsageError('--out', `${out} holds all of these SAEs already`);
  return placed;
}

/** Keeps a checkpoint beside the last one, where it can be read as an SAE: checkpoints/<tokens>/. */
export async function keepCheckpoint({ folder }: PlacedRun, tokens: number, files: Files): Promise<void> {
  await folder.keep(join('checkpoints', String(tokens)), files);
}
