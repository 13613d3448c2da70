export { openModelFolder, type ModelFolder } from './model-folder.ts';
export { bundledModels, UnknownModelError } from './model-name.ts';
export { HubError, type HubErrorReason } from './hub-error.ts';
export { readHubSettings, type HubSettings } from './env.ts';
export { openRepository, type DownloadProgress, type HubOptions, type Repository } from './open-repository.ts';
export { parseRepositoryId, type RepositoryId } from './repository-id.ts';
export type { RepositoryFile } from './client/repository-listing.ts';
export { openDataSetFolder, type DataFile, type DataSetFolder, type DataSetOptions } from './data-set-folder.ts';
export { pushFiles, type Pushed, type PushFile, type PushOptions, type PushProgress } from './push/push-files.ts';
