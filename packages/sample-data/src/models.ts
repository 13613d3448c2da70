import { fileURLToPath } from 'node:url';

/** A model that comes with the project. */
export interface BundledModel {
  readonly id: string;
  readonly displayName: string;
  readonly origin: string;
  /** SPDX identifier; the text lies in the model's folder. */
  readonly licence: string;
}

/** The models of this package, each a folder in Hugging Face layout. */
export const bundledModels: readonly BundledModel[] = [
  {
    id: 'stories-260k',
    displayName: 'stories260K',
    origin: 'https://github.com/karpathy/llama2.c (stories260K, trained by Andrej Karpathy on TinyStories)',
    licence: 'MIT',
  },
];

/**
 * The path of a bundled model's folder.
 *
 * @throws when no model of that name is bundled; the message lists those that are
 * @example modelFolder('stories-260k') // ".../sample-data/data/models/stories-260k"
 */
export function modelFolder(id: string): string {
  if (!bundledModels.some((model) => model.id === id))
    throw new Error(`no bundled model "${id}"; there is ${bundledModels.map((model) => model.id).join(', ')}`);
  return fileURLToPath(new URL(`../data/models/${id}`, import.meta.url));
}
