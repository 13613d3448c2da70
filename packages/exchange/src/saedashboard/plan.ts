import { gunzipped } from '../bytes/gunzip.ts';
import { baseName, type FolderListing, type ImportFiles } from '../files/import-files.ts';
import type { ImportProblem } from '../import-error.ts';
import type { ImportPart, ImportPlan } from '../import-plan.ts';
import { readBatchHeader, sourceIdOf } from './read-batch.ts';

const isBatch = (name: string): boolean => /(^|[-_])batch-\d+\.json(\.gz)?$/.test(name);
const isSettings = (name: string): boolean => /(^|[-_])run_settings\.json(\.gz)?$/.test(name);
const isSkipped = (name: string): boolean => /(^|[-_])skipped_indexes\.json(\.gz)?$/.test(name);

/** The plan of an output folder of SAEDashboard; null when it is none. */
export async function saeDashboardPlan(
  files: ImportFiles,
  folder: string,
  listing: FolderListing,
  signal?: AbortSignal,
): Promise<ImportPlan | null> {
  const named = (is: (name: string) => boolean) => listing.files.filter(({ path }) => is(baseName(path)));
  const batches = named(isBatch);
  if (batches.length === 0) return null;
  const parts: ImportPart[] = [
    ...named(isSettings).map((file): ImportPart => ({ role: 'settings', file })),
    ...batches.map((file): ImportPart => ({ role: 'batch', file })),
    ...named(isSkipped).map((file): ImportPart => ({ role: 'skipped-features', file })),
  ];
  const unused: ImportProblem[] = listing.files
    .filter((file) => !parts.some((part) => part.file === file))
    .map(({ path }) => ({ file: path, place: null, reason: 'no file of this layout' }));
  const header = await readBatchHeader(gunzipped(files.read(batches[0]!, signal)));
  return { layout: 'saedashboard', modelId: header.modelId, sourceId: sourceIdOf(header), folder, parts, unused };
}
