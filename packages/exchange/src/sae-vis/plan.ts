import { baseName, type FolderListing, type ImportFiles } from '../files/import-files.ts';
import type { ImportPlan } from '../import-plan.ts';
import { looksLikePage } from './read-page.ts';

/** A plan for every page of sae_vis, and for every file of data cut from one: each is a source of its own. */
export async function* saeVisPlans(
  files: ImportFiles,
  folder: string,
  listing: FolderListing,
  signal?: AbortSignal,
): AsyncGenerator<ImportPlan> {
  for (const file of listing.files) {
    if (!/\.(html?|json)(\.gz)?$/.test(baseName(file.path))) continue;
    if (!(await looksLikePage(file.path, files.read(file, signal)))) continue;
    const parts = [{ role: 'page', file }] as const;
    yield { layout: 'sae-vis', modelId: null, sourceId: null, folder, parts, unused: [] };
  }
}
