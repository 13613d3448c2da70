/** A file of an import, wherever it is. */
export interface ImportFile {
  /** Below the root of the import, with "/" between folders. */
  readonly path: string;
  /** As stored; null where the listing does not say. */
  readonly bytes: number | null;
  /** What its bytes must give. */
  readonly checksum: { readonly algorithm: 'sha256' | 'md5'; readonly hex: string } | null;
}

export interface FolderListing {
  readonly files: readonly ImportFile[];
  /** Names of the folders in it. */
  readonly folders: readonly string[];
}

/** The files of an import: a folder, a web address, a bucket. */
export interface ImportFiles {
  /** As messages call it. Holds no secret. */
  readonly name: string;
  /**
   * Everything in one folder, all pages of it, in natural order (`batch-2` before `batch-10`); empty where there is no
   * such folder.
   *
   * @param path '' for the root
   */
  list(path: string, signal?: AbortSignal): Promise<FolderListing>;
  /** A file's bytes as stored. A broken connection is taken up where it broke. */
  read(file: ImportFile, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

const collator = new Intl.Collator('en', { numeric: true });

/** The order in which people count: `batch-2` before `batch-10`. */
export const inNaturalOrder = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A path below a folder. */
export const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
