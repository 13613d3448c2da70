import { stat } from 'node:fs/promises';
import type { HubOptions } from '@monosema/hub';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNote } from '../checkpoint/load-note.ts';
import { diskFolder, type SaeFolder } from '../layouts/folder.ts';
import { readLayout } from '../layouts/index.ts';
import type { LayoutHints, LayoutName } from '../layouts/layout.ts';
import type { Sae } from '../sae.ts';
import { hubFolder, parseHubPlace } from './hub-folder.ts';
import { recordedFolder, type ReadFile } from './recorded-folder.ts';

/** Where an SAE came from. */
export interface SaeProvenance {
  kind: 'disk' | 'hub' | 'registry' | 'memory';
  /** Of the hub: "owner/name". */
  repository: string | null;
  /** Of the hub: the commit. */
  revision: string | null;
  /** Within the repository, or on this machine. */
  path: string;
  /** Of the registry. */
  release: string | null;
  saeId: string | null;
  /** The files that were read. */
  files: readonly ReadFile[];
}

/** An SAE and how it was read. */
export interface OpenedSae {
  sae: Sae;
  layout: LayoutName;
  /** Every default and conversion that was applied. */
  notes: readonly LoadNote[];
  provenance: SaeProvenance;
}

export interface OpenSaeOptions extends HubOptions {
  /** In place of finding it by the files. */
  readonly layout?: LayoutName;
  /** What is known beside the files: fills what they leave open. */
  readonly hints?: LayoutHints;
  /** Where to look, where a name could be of several places. */
  readonly from?: 'disk' | 'hub' | 'registry';
}

/** A folder in memory or elsewhere, a path on this machine, or a name of the hub or the registry. */
export type SaeReference = string | SaeFolder;

/**
 * Opens an SAE wherever it is and in whatever layout: a folder, a single file (.pt, .npz, .safetensors), or
 * `owner/name[/path][@revision]` of the Hugging Face hub. Only the files of that one SAE are fetched; unknown or missing
 * tensors are errors that list them.
 *
 * @throws SaeFormatError, HubError, or FormatError for broken files
 * @example
 * const { sae, layout, notes, provenance } = await openSae('./my-sae');
 * const { sae } = await openSae('google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71');
 */
export async function openSae(reference: SaeReference, options: OpenSaeOptions = {}): Promise<OpenedSae> {
  const { folder, ...where } = await placeOf(reference, options);
  const recorded = recordedFolder(folder);
  const read = await readLayout(recorded.folder, options.hints, options.layout);
  return { ...read, provenance: { ...where, files: await recorded.readFiles() } };
}

type Place = Omit<SaeProvenance, 'files'> & { folder: SaeFolder };
const nowhere = { repository: null, revision: null, release: null, saeId: null };

async function placeOf(reference: SaeReference, options: OpenSaeOptions): Promise<Place> {
  if (typeof reference !== 'string') return { kind: 'memory', ...nowhere, path: reference.path, folder: reference };
  if (options.from === 'disk' || (options.from === undefined && (await isOnDisk(reference))))
    return { kind: 'disk', ...nowhere, path: reference, folder: await diskFolder(reference) };
  const place = parseHubPlace(reference);
  if (!place)
    throw new SaeFormatError(
      `no SAE "${reference}": neither a file or folder, nor a repository of the hub as in owner/name/path@revision`,
    );
  const { folder, repository } = await hubFolder(place, options);
  const { path } = place;
  return { kind: 'hub', ...nowhere, repository: repository.name, revision: repository.commit, path, folder };
}

const isOnDisk = async (path: string): Promise<boolean> =>
  /^[./~\\]|^[A-Za-z]:[/\\]/.test(path) || (await stat(path).catch(() => null)) !== null;
