import { readFileSync } from 'node:fs';
import type { RegistryEntry, SaeRelease } from './published-sae.ts';
import { registryFileSchema, unpackRelease, type RegistryFile } from './registry-file.ts';
import { unknownName, UnknownSaeError } from './unknown-sae-error.ts';

interface Registry {
  source: RegistryFile['source'];
  releases: ReadonlyMap<string, SaeRelease>;
  /** By Neuronpedia's id; made when it is asked for. */
  neuronpedia?: ReadonlyMap<string, RegistryEntry>;
}

let registry: Registry | undefined;

/** Read at the first question, and kept. */
function load(): Registry {
  if (!registry) {
    const text = readFileSync(new URL('../data/registry.json', import.meta.url), 'utf8');
    const { source, releases } = registryFileSchema.parse(JSON.parse(text));
    registry = { source, releases: new Map(releases.map((packed) => [packed.release, unpackRelease(packed)])) };
  }
  return registry;
}

/** Where the list is from: the package and file, and the file's sha256. */
export const registrySource = (): RegistryFile['source'] => load().source;

/**
 * All releases, in SAELens's order.
 * @example listReleases().filter(({ model }) => model === 'gpt2-small')
 */
export const listReleases = (): SaeRelease[] => [...load().releases.values()];

/** Whether there is a release of this name. */
export const hasRelease = (release: string): boolean => load().releases.has(release);

/**
 * One release.
 * @throws UnknownSaeError that names the nearest ones
 */
export function findRelease(release: string): SaeRelease {
  const { releases } = load();
  const found = releases.get(release);
  if (found) return found;
  const ofRepository = releasesOf(release).map((entry) => entry.release);
  if (ofRepository.length === 0) throw unknownName('there is no release', release, [...releases.keys()]);
  throw new UnknownSaeError(`"${release}" is a repository; its releases are ${ofRepository.join(', ')}`, ofRepository);
}

/** The releases whose files are in a repository `owner/name` of the hub. */
export const releasesOf = (repository: string): SaeRelease[] =>
  listReleases().filter((entry) => entry.repository === repository);

/**
 * One SAE of a release.
 *
 * @throws UnknownSaeError that names the nearest releases, or the nearest SAEs of the release
 * @example
 * const { release, sae } = findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_pre');
 * release.repository; // "jbloom/GPT2-Small-SAEs-Reformatted"
 * sae.l0; // 60
 */
export function findSae(release: string, saeId: string): RegistryEntry {
  const found = findRelease(release);
  const sae = found.saes.find((entry) => entry.saeId === saeId);
  if (sae) return { release: found, sae };
  const saeIds = found.saes.map((entry) => entry.saeId);
  throw unknownName(`release ${release} has no SAE`, saeId, saeIds);
}

/**
 * The SAE that Neuronpedia shows under `{model}/{source}`, or undefined where SAELens lists none.
 * @example findByNeuronpediaId('gpt2-small/8-res-jb')?.sae.saeId // "blocks.8.hook_resid_pre"
 */
export function findByNeuronpediaId(id: string): RegistryEntry | undefined {
  const loaded = load();
  loaded.neuronpedia ??= new Map(
    listReleases().flatMap((release) =>
      release.saes.flatMap((sae) =>
        sae.neuronpediaId === null ? [] : [[sae.neuronpediaId, { release, sae }] as const],
      ),
    ),
  );
  return loaded.neuronpedia.get(id);
}
