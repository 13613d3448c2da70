import { findByNeuronpediaId, findSae, hasRelease, releasesOf, type RegistryEntry } from '@monosema/sae-registry';
import type { LoadNote } from '../checkpoint/load-note.ts';
import type { LayoutHints } from '../layouts/layout.ts';
import { publishedPlace } from '../layouts/published-place.ts';
import type { Sae } from '../sae.ts';

/** An SAE of the registry. */
export interface PublishedName {
  readonly release: string;
  /** Its id within the release. */
  readonly saeId: string;
}

/** Whether a text is `release/sae_id` of a release that there is, or Neuronpedia's id of a published SAE. */
export const isPublished = (text: string): boolean =>
  hasRelease(split(text).release) || findByNeuronpediaId(text) !== undefined;

/** @throws UnknownSaeError naming the nearest releases, or the nearest SAEs of the release */
export function publishedEntry(name: string | PublishedName): RegistryEntry {
  if (typeof name !== 'string') return findSae(name.release, name.saeId);
  const { release, saeId } = split(name);
  return (hasRelease(release) ? undefined : findByNeuronpediaId(name)) ?? findSae(release, saeId);
}

/** Releases have no "/" in their names, ids may. */
function split(text: string): PublishedName {
  const [release = '', ...rest] = text.split('/');
  return { release, saeId: rest.join('/') };
}

/** What the registry says, and what a person says on top of it. */
export const withHints = (published: LayoutHints, hints: LayoutHints = {}): LayoutHints => ({
  ...published,
  ...hints,
  corrections: { ...published.corrections, ...hints.corrections },
});

/** The entry whose files are at a place of the hub; of several, one that Neuronpedia has. */
export function entryAt(repository: string, path: string): RegistryEntry | undefined {
  const entries = releasesOf(repository).flatMap((release) =>
    release.saes.map((sae) => ({ release, sae })).filter((entry) => publishedPlace(entry).path === path),
  );
  return entries.find(({ sae }) => sae.neuronpediaId !== null) ?? entries[0];
}

export const noteOf = ({ release, sae }: RegistryEntry): LoadNote => ({
  kind: 'hint',
  field: 'release',
  message: `the registry lists it as ${sae.saeId} of ${release.release}; what it corrects is applied`,
});

/** Keeps Neuronpedia's own id where it calls the model otherwise, as llama3.1-8b. */
export function withNeuronpediaId({ config, ...sae }: Sae, { sae: { neuronpediaId } }: RegistryEntry): Sae {
  const ours = `${config.contract.modelId}/${config.sourceId}`;
  if (neuronpediaId === null || neuronpediaId === ours) return { ...sae, config };
  return { ...sae, config: { ...config, metadata: { ...config.metadata, neuronpedia_id: neuronpediaId } } };
}
