import { openModelFolder, type ModelFolder } from '@monosema/hub';
import { architectureOf } from './architectures/registry.ts';
import { assembleModel } from './assemble-model.ts';
import type { Model } from './model.ts';
import { processWeights, type WeightProcessing } from './processing/process-weights.ts';
import { readTokenizer } from './tokenizer/read-tokenizer.ts';
import { openCheckpoint } from './weights/checkpoint.ts';
import { readWeights } from './weights/read-weights.ts';

/** Weight processing as TransformerLens does it; none by default, as in SAELens. */
export type LoadModelOptions = WeightProcessing;

/**
 * Loads a model: a bundled one by name, or a folder in Hugging Face layout by its path.
 *
 * @throws UnknownModelError when there is none, UnsupportedModelError for an architecture that is not known here, Error
 *   naming the field of config.json or the tensor that is missing, unknown or misshapen
 * @example const model = await loadModel('stories-260k')
 */
export async function loadModel(nameOrPath: string | ModelFolder, options: LoadModelOptions = {}): Promise<Model> {
  const folder = typeof nameOrPath === 'string' ? await openModelFolder(nameOrPath) : nameOrPath;
  const configFile = await readJson(folder, 'config.json');
  const architecture = architectureOf(configFile);
  const config = architecture.readConfig(configFile);
  const checkpoint = await openCheckpoint(folder);
  const weights = await readWeights(checkpoint, architecture, config).finally(() => checkpoint.close());
  const tokenizer = await readTokenizer(folder, {
    bos: config.bosToken,
    eos: config.eosToken,
    size: config.vocabularySize,
  });
  return assembleModel({ identity: folder, ...processWeights(config, weights, options), tokenizer });
}

async function readJson(folder: ModelFolder, name: string): Promise<unknown> {
  const text = new TextDecoder().decode(await folder.file(name));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} of model "${folder.id}" is not JSON: ${(error as Error).message}`);
  }
}
