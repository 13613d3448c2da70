import { stat } from 'node:fs/promises';
import type { HubOptions } from '@monosema/hub';
import type { RegistryEntry } from '@monosema/sae-registry';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNote } from '../checkpoint/load-note.ts';
import { diskFolder, type SaeFolder } from '../layouts/folder.ts';
import { readLayout } from '../layouts/index.ts';
import type { LayoutHints, LayoutName } from '../layouts/layout.ts';
import { publishedPlace } from '../layouts/published-place.ts';
import type { Sae } from '../sae.ts';
import { hubFolder, parseHubPlace } from './hub-folder.ts';
import {
  entryAt,
  isPublished,
  noteOf,
  publishedEntry,
  withHints,
  withNeuronpediaId,
  type PublishedName,
} from './published-entry.ts';
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
  /** Of the registry; also of a place on the hub that it lists. */
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
export type SaeReference = string | PublishedName | SaeFolder;

/**
 * Opens an SAE wherever it is and in whatever layout: a folder, a single file (.pt, .npz, .safetensors),
 * `owner/name[/path][@revision]` of the Hugging Face hub, `release/sae_id` of SAELens's registry, or Neuronpedia's id of
 * one that is in it. Only the files of that one SAE are fetched; unknown or missing tensors are errors that list them.
 * What the registry knows of a place on the hub is applied however the place was named.
 *
 * @throws SaeFormatError, HubError, UnknownSaeError, or FormatError for broken files
 * @example
 * const { sae, layout, notes, provenance } = await openSae('./my-sae');
 * const { sae } = await openSae('google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71');
 * const { sae } = await openSae({ release: 'gpt2-small-res-jb', saeId: 'blocks.8.hook_resid_pre' });
 */
export async function openSae(reference: SaeReference, options: OpenSaeOptions = {}): Promise<OpenedSae> {
  const { folder, entry, ...where } = await placeOf(reference, options);
  const recorded = recordedFolder(folder);
  const published = entry && publishedPlace(entry);
  const hints = published ? withHints(published.hints, options.hints) : options.hints;
  const { sae, layout, notes } = await readLayout(recorded.folder, hints, options.layout ?? published?.layout);
  return {
    sae: entry ? withNeuronpediaId(sae, entry) : sae,
    layout,
    notes: entry ? [...notes, noteOf(entry)] : notes,
    provenance: {
      ...where,
      ...{ release: entry?.release.release ?? null, saeId: entry?.sae.saeId ?? null },
      files: await recorded.readFiles(),
    },
  };
}

type Place = Omit<SaeProvenance, 'files' | 'release' | 'saeId'> & { folder: SaeFolder; entry?: RegistryEntry };
const nowhere = { repository: null, revision: null };

async function placeOf(reference: SaeReference, options: OpenSaeOptions): Promise<Place> {
  if (typeof reference !== 'string' && 'files' in reference)
    return { kind: 'memory', ...nowhere, path: reference.path, folder: reference };
  if (typeof reference !== 'string') return publishedSae(reference, options);
  if (options.from === 'disk' || (options.from === undefined && (await isOnDisk(reference))))
    return { kind: 'disk', ...nowhere, path: reference, folder: await diskFolder(reference) };
  if (options.from === 'registry' || (options.from === undefined && isPublished(reference)))
    return publishedSae(reference, options);
  const place = parseHubPlace(reference);
  if (!place)
    throw new SaeFormatError(
      `no SAE "${reference}": neither a file or folder, nor a repository of the hub as in owner/name/path@revision`,
    );
  const { folder, repository } = await hubFolder(place, options);
  const { path } = place;
  const entry = entryAt(place.repository, path);
  return {
    kind: 'hub',
    repository: repository.name,
    revision: repository.commit,
    path,
    folder,
    ...(entry && { entry }),
  };
}

async function publishedSae(reference: string | PublishedName, options: OpenSaeOptions): Promise<Place> {
  const entry = publishedEntry(reference);
  const { path, repository: name } = publishedPlace(entry);
  const { folder, repository } = await hubFolder({ repository: name, path, revision: 'main' }, options);
  return { kind: 'registry', repository: repository.name, revision: repository.commit, path, folder, entry };
}

const isOnDisk = async (path: string): Promise<boolean> =>
  /^[./~\\]|^[A-Za-z]:[/\\]/.test(path) || (await stat(path).catch(() => null)) !== null;
