export { ArtifactError, openArtifacts, type ArtifactStore } from './local-disk.ts';
export { hashOf, type ArtifactHash } from './hash.ts';
