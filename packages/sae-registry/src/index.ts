export type { PublishedSae, RegistryEntry, SaeRelease } from './published-sae.ts';
export {
  findByNeuronpediaId,
  findRelease,
  findSae,
  hasRelease,
  listReleases,
  registrySource,
  releasesOf,
} from './registry.ts';
export { UnknownSaeError } from './unknown-sae-error.ts';
