import { open, readFile } from 'node:fs/promises';
import { singleFile } from './local-folder.ts';
import type { ModelFolder } from './model-folder.ts';
import { slugOf, UnknownModelError } from './model-name.ts';
import { openRepository, type HubOptions } from './open-repository.ts';
import type { RepositoryId } from './repository-id.ts';

/**
 * Files that a model is read from; the best kind of weights stands first. Pickled ones (.bin) only count where there is
 * nothing else.
 */
const companions =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$|^merges\.txt$|^tokenizer\.model$/;
const weights = [
  /^model(-\d+-of-\d+)?\.safetensors$|^model\.safetensors\.index\.json$/,
  /^pytorch_model(-\d+-of-\d+)?\.bin$|^pytorch_model\.bin\.index\.json$/,
  /\.gguf$/i,
  /\.(safetensors|pt|pth)$/i,
];

/** A model of the hub as a folder whose files come when they are read; `file` chooses one file of weights. */
export async function openHubModel(id: RepositoryId, file: string | null, options: HubOptions): Promise<ModelFolder> {
  const repository = await openRepository(id, options);
  const name = id.name.slice(id.name.indexOf('/') + 1);
  const present = repository.files.map(({ path }) => path);
  const files = file === null ? modelFiles(id.name, present) : [file];
  const fetch = async (wanted: string): Promise<string> => {
    if (!files.includes(wanted))
      throw new UnknownModelError(`model "${id.name}" has no file "${wanted}"; it has ${files.join(', ')}`);
    return repository.fetch(wanted);
  };
  return {
    id: slugOf(file === null ? name : file.slice(file.lastIndexOf('/') + 1).replace(singleFile, '')),
    displayName: name,
    path: repository.path,
    origin: `https://huggingface.co/${id.name} at ${repository.commit}`,
    licence: repository.licence,
    files,
    file: async (wanted) => readFile(await fetch(wanted)),
    open: async (wanted) => open(await fetch(wanted)),
  };
}

function modelFiles(name: string, present: readonly string[]): string[] {
  const kind = weights.find((pattern) => present.some((path) => pattern.test(path)));
  if (!kind) throw new UnknownModelError(`${name} has no weights at its top: neither safetensors, .bin, .gguf nor .pt`);
  const chosen = present.filter((path) => kind.test(path));
  if (chosen.every((path) => path.endsWith('.gguf')) && chosen.length > 1)
    throw new UnknownModelError(
      `${name} has several files of weights: name one, as in ${name}/${chosen[0]}; there are ${chosen.join(', ')}`,
    );
  return [...present.filter((path) => companions.test(path)), ...chosen].sort();
}
