import { findByNeuronpediaId, findSae, hasRelease, type RegistryEntry } from '@monosema/sae-registry';
import type { LayoutHints } from '../layouts/layout.ts';

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
