import { below, type ImportFiles } from './files/import-files.ts';
import { ImportError } from './import-error.ts';
import type { ImportPlan } from './import-plan.ts';
import { neuronpediaPlan } from './neuronpedia/plan.ts';
import { saeVisPlans } from './sae-vis/plan.ts';
import { saeDashboardPlan } from './saedashboard/plan.ts';

/** `v1/`, a model in it, a source in that. */
const deepest = 3;

/**
 * Finds what can be imported: the sources of a folder in the layouts of Neuronpedia (at any height: a source, a model, the
 * whole of `v1/`), SAEDashboard (`batch-*.json`) and sae_vis (a page, or the data cut from one). Folders are listed
 * only as far as the reader goes on.
 *
 * @throws ImportError when nothing is found
 * @example for await (const plan of findImports(await folderFiles('v1/gpt2-small'))) …
 */
export async function* findImports(files: ImportFiles, signal?: AbortSignal): AsyncGenerator<ImportPlan> {
  let found = 0;
  for await (const plan of findBelow(files, '', 0, signal)) {
    found++;
    yield plan;
  }
  if (found === 0)
    throw new ImportError(
      `${files.name} holds nothing to import: no features/ or explanations/ of a Neuronpedia export, no batch-*.json of SAEDashboard, no page or data of sae_vis`,
    );
}

async function* findBelow(
  files: ImportFiles,
  folder: string,
  depth: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImportPlan> {
  const listing = await files.list(folder, signal);
  const plan =
    (await neuronpediaPlan(files, folder, listing, signal)) ?? (await saeDashboardPlan(files, folder, listing, signal));
  if (plan) return yield plan;
  yield* saeVisPlans(files, folder, listing, signal);
  if (depth === deepest) return;
  for (const name of listing.folders) yield* findBelow(files, below(folder, name), depth + 1, signal);
}
