import type { ImportFile } from './files/import-files.ts';
import type { ImportProblem } from './import-error.ts';

export type ImportLayout = 'neuronpedia' | 'saedashboard' | 'sae-vis';

/** What a file holds. */
export type PartRole =
  | 'release'
  | 'model'
  | 'source-set'
  | 'source'
  | 'features'
  | 'examples'
  | 'labels'
  | 'settings'
  | 'batch'
  | 'skipped-features'
  | 'page';

export interface ImportPart {
  readonly role: PartRole;
  readonly file: ImportFile;
}

/** One source to import: its files in the order in which they are read. */
export interface ImportPlan {
  readonly layout: ImportLayout;
  /** Null where the files do not say, as those of sae_vis: then whoever imports them must. */
  readonly modelId: string | null;
  readonly sourceId: string | null;
  /** Folder of the source, '' for the root. */
  readonly folder: string;
  readonly parts: readonly ImportPart[];
  /** Files that are no part of it, with the reason. */
  readonly unused: readonly ImportProblem[];
}
