export { openModelFolder, bundledModels, UnknownModelError, type ModelFolder } from './model-folder.ts';
