import { openModelFolder, type ModelFolder } from '@monosema/hub';
import { architectureOf, UnsupportedModelError } from './architectures/registry.ts';
import { assembleModel } from './assemble-model.ts';
import { ggufFileOf, readGgufModel } from './gguf/open.ts';
import { tokenizerOf } from './load-tokenizer.ts';
import type { Model } from './model.ts';
import { processWeights, type WeightProcessing } from './processing/process-weights.ts';
import { openCheckpoint } from './weights/checkpoint.ts';
import { readWeights } from './weights/read-weights.ts';

/** Weight processing as TransformerLens does it; none by default, as in SAELens. */
export type LoadModelOptions = WeightProcessing;

/**
 * Loads a model: a bundled one by name, a folder in Hugging Face layout or a .gguf file by its path, or one of the hub as
 * owner/name. A toy model made with TransformerLens is a folder of its state dict (.pt) and its `cfg.to_dict()` as
 * config.json with architectures ["HookedTransformer"].
 *
 * @throws UnknownModelError when there is none, UnsupportedModelError for an architecture that is not known here, Error
 *   naming the field of config.json or the tensor that is missing, unknown or misshapen
 * @example const model = await loadModel('stories-260k')
 */
export async function loadModel(nameOrPath: string | ModelFolder, options: LoadModelOptions = {}): Promise<Model> {
  const folder = typeof nameOrPath === 'string' ? await openModelFolder(nameOrPath) : nameOrPath;
  const gguf = ggufFileOf(folder);
  if (gguf !== null) {
    const { config, weights, tokenizer, licence } = await readGgufModel(folder, gguf);
    const identity = { ...folder, licence: folder.licence ?? licence };
    return assembleModel({ identity, ...processWeights(config, weights, options), tokenizer });
  }
  if (!folder.files.includes('config.json')) throw await withoutConfig(folder);
  const configFile = await readJson(folder, 'config.json');
  const architecture = architectureOf(configFile);
  const config = architecture.readConfig(configFile);
  const checkpoint = await openCheckpoint(folder);
  const weights = await readWeights(checkpoint, architecture, config).finally(() => checkpoint.close());
  const tokenizer = await tokenizerOf(folder, config);
  return assembleModel({ identity: folder, ...processWeights(config, weights, options), tokenizer });
}

/** What to say of weights without a config.json, of which nobody can know how they are meant. */
async function withoutConfig(folder: ModelFolder): Promise<UnsupportedModelError> {
  const { files, close } = await openCheckpoint(folder);
  await close();
  const names = files.flatMap(({ tensors }) => [...tensors.tensors.keys()]);
  return new UnsupportedModelError(
    `model "${folder.id}" has no config.json that says what its ${names.length} tensors (${names.slice(0, 4).join(', ')}, …) are: ` +
      'put one beside them, of transformers or, with architectures ["HookedTransformer"], of TransformerLens',
  );
}

async function readJson(folder: ModelFolder, name: string): Promise<unknown> {
  const text = new TextDecoder().decode(await folder.file(name));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} of model "${folder.id}" is not JSON: ${(error as Error).message}`);
  }
}
