import { bundledModels as bundled } from '@monosema/sample-data';

/** Names that `openModelFolder` knows without a download. */
export const bundledModels = (): string[] => bundled.map(({ id }) => id);

const allowed = (): string =>
  `allowed are ${bundledModels()
    .map((id) => `"${id}"`)
    .join(
      ', ',
    )} and the path of a folder or .gguf file, as in ./my-model, and a model of the hub, as in gpt2 or owner/name@revision`;

/** No model of that name. The message lists what is allowed. */
export class UnknownModelError extends Error {
  override readonly name = 'UnknownModelError';
  constructor(message: string, listsAllowed = false) {
    super(listsAllowed ? `${message}${allowed()}` : message);
  }
}

/** A name for URLs, in lower case. @example slugOf('SmolLM2-135M') // "smollm2-135m" */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
  return slug || 'model';
}
