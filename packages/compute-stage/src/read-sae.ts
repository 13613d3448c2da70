import type { ArtifactStore } from '@monosema/artifacts';
import type { RunContext } from '@monosema/jobs';
import { loadSae, type Files, type Sae } from '@monosema/sae';

/** The SAE that the run's training came to. */
export async function readSae({ result, runId }: RunContext, artifacts: ArtifactStore): Promise<Sae> {
  if (!result.checkpoint) throw new Error(`${runId} has no trained SAE`);
  const files: Files = {};
  for (const [name, hash] of Object.entries(result.checkpoint)) files[name] = await artifacts.get(hash);
  return loadSae(files);
}
