import type { ArtifactStore } from '@monosema/artifacts';
import { getCheckpoint, referencedArtifacts, saveCheckpoint } from '@monosema/db/queries';
import type { RunContext } from '@monosema/jobs';
import type { TrainingCheckpoint } from '@monosema/sae/training';

/** Longer than any artifact waits for the row that names it. */
const sweepAfterSeconds = 900;

/** Puts files into the store: artifact hash by file name. */
export async function putFiles(
  artifacts: ArtifactStore,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(files)) hashes[name] = await artifacts.put(bytes);
  return hashes;
}

/** The files of the run's last checkpoint, checked by their hashes; null when it has none. */
export async function readCheckpoint(
  { db, runId }: RunContext,
  artifacts: ArtifactStore,
): Promise<{ step: number; files: TrainingCheckpoint } | null> {
  const saved = await getCheckpoint(db, runId);
  if (!saved) return null;
  const files: TrainingCheckpoint = {};
  for (const [name, hash] of Object.entries(saved.files)) files[name] = await artifacts.get(hash);
  return { step: saved.step, files };
}

/** Makes this the checkpoint to go on from: first its files, then the row that names them, then room for the next. */
export async function keepCheckpoint(
  context: RunContext,
  artifacts: ArtifactStore,
  { step, files }: { step: number; files: TrainingCheckpoint },
): Promise<void> {
  const hashes = await putFiles(artifacts, files);
  await context.fenced((tx) => saveCheckpoint(tx, context.runId, { step, files: hashes }));
  context.log.info({ step }, 'checkpoint kept');
  await artifacts.sweep({ keep: await referencedArtifacts(context.db), olderThanSeconds: sweepAfterSeconds });
}
