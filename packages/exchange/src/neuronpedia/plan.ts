import { gunzipped } from '../bytes/gunzip.ts';
import { jsonOfLine, numberedLines } from '../bytes/json-lines.ts';
import { baseName, below, type FolderListing, type ImportFile, type ImportFiles } from '../files/import-files.ts';
import { manifestName } from '../files/manifest.ts';
import type { ImportProblem } from '../import-error.ts';
import type { ImportPart, ImportPlan, PartRole } from '../import-plan.ts';
import type { Row } from '../records.ts';

/** In the order in which they are read. */
const metadataRoles: Readonly<Record<string, PartRole>> = {
  'release.jsonl': 'release',
  'model.jsonl': 'model',
  'sourceset.jsonl': 'source-set',
  'source.jsonl': 'source',
};

/** `explanations`, and `explanations-<explainer>` beside it, which Neuronpedia's own importer overlooks. */
const isLabelFolder = (name: string): boolean => /^explanations(-.+)?$/.test(name);

/** The plan of a folder `{model}/{source}` of a v1 export; null when it is none. */
export async function neuronpediaPlan(
  files: ImportFiles,
  folder: string,
  listing: FolderListing,
  signal?: AbortSignal,
): Promise<ImportPlan | null> {
  const labelFolders = listing.folders.filter(isLabelFolder);
  if (labelFolders.length === 0 && !listing.folders.includes('features') && !listing.folders.includes('activations'))
    return null;
  const parts: ImportPart[] = [];
  const unused: ImportProblem[] = [];
  const leaveOut = (file: string, reason: string): void => void unused.push({ file, place: null, reason });
  for (const [name, role] of Object.entries(metadataRoles)) {
    const file = listing.files.find(({ path }) => baseName(path) === name);
    if (file) parts.push({ role, file });
  }
  for (const { path } of listing.files)
    if (!(baseName(path) in metadataRoles) && baseName(path) !== manifestName)
      leaveOut(path, reasonFor(baseName(path)));
  const roles: [string, PartRole][] = [
    ['features', 'features'],
    ['activations', 'examples'],
    ...labelFolders.map((name): [string, PartRole] => [name, 'labels']),
  ];
  for (const [name, role] of roles)
    for (const file of (await files.list(below(folder, name), signal)).files)
      if (/\.jsonl(\.gz)?$/.test(file.path)) parts.push({ role, file });
      else leaveOut(file.path, reasonFor(baseName(file.path)));
  for (const name of listing.folders)
    if (!roles.some(([known]) => known === name)) leaveOut(below(folder, name), 'a folder that a source has not');
  return { layout: 'neuronpedia', ...(await ownerOf(files, parts, signal)), folder, parts, unused };
}

function reasonFor(name: string): string {
  if (name.startsWith('inference_hosts')) return "another installation's hosts are not taken over";
  if (/^(failed_explanation_indexes\.txt|config\.json)$/.test(name)) return 'notes of the program that made the labels';
  return 'no file of this layout';
}

/** Model and source as source.jsonl says, else as the first row says that can be read. */
async function ownerOf(
  files: ImportFiles,
  parts: readonly ImportPart[],
  signal: AbortSignal | undefined,
): Promise<Pick<ImportPlan, 'modelId' | 'sourceId'>> {
  for (const role of ['source', 'features', 'labels', 'examples'] as const) {
    const part = parts.find((each) => each.role === role);
    const row = part && (await firstRow(files, part.file, signal));
    const modelId = row?.modelId;
    const sourceId = role === 'source' ? row?.id : row?.layer;
    if (typeof modelId === 'string' && typeof sourceId === 'string') return { modelId, sourceId };
  }
  return { modelId: null, sourceId: null };
}

async function firstRow(files: ImportFiles, file: ImportFile, signal?: AbortSignal): Promise<Row | null> {
  for await (const [first] of numberedLines(gunzipped(files.read(file, signal)))) {
    if (!first) continue;
    try {
      const value = jsonOfLine(first.bytes);
      return typeof value === 'object' ? (value as Row | null) : null;
    } catch {
      // Reading it will say what is wrong.
      return null;
    }
  }
  return null;
}
