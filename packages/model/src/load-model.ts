import type { ModelRecord } from '@monosema/catalog';
import * as op from '@monosema/engine';
import type { Arrays, TracedRecord } from '@monosema/engine';
import { openModelFolder, type ModelFolder } from '@monosema/hub';
import type { Architecture, HookPoint, ModelConfig } from './architectures/architecture.ts';
import { architectureOf } from './architectures/registry.ts';
import { checkEdits } from './hook-point-named.ts';
import { Hooks } from './hooks.ts';
import type { Model } from './model.ts';
import { readWeights } from './read-weights.ts';
import { openTokenizer } from './tokenizer/tokenizer.ts';

/**
 * Loads a model: a bundled one by name, or a folder in Hugging Face layout by its path.
 *
 * @throws UnknownModelError when there is none, UnsupportedModelError for an architecture that is not known here, Error
 *   naming the field of config.json or the tensor that is missing, unknown or misshapen
 * @example const model = await loadModel('stories-260k')
 */
export async function loadModel(nameOrPath: string | ModelFolder): Promise<Model> {
  const folder = typeof nameOrPath === 'string' ? await openModelFolder(nameOrPath) : nameOrPath;
  const configFile = await readJson(folder, 'config.json');
  const architecture = architectureOf(configFile);
  const config = architecture.readConfig(configFile);
  const weights = await readWeights(folder, architecture, config);
  const tokenizer = openTokenizer({
    tokenizer: await readJson(folder, 'tokenizer.json'),
    config: folder.files.includes('tokenizer_config.json')
      ? await readJson(folder, 'tokenizer_config.json')
      : undefined,
    bos: config.bosToken,
    eos: config.eosToken,
    size: config.vocabularySize,
  });
  const hookPoints = architecture.hookPoints(config);
  const parameters = parametersOf(weights);
  return {
    id: folder.id,
    config,
    tokenizer,
    weights,
    parameters,
    record: recordOf(folder, config, hookPoints),
    hookPoints,
    architecture,
    trace(ids, hooks = new Hooks()) {
      checkEdits({ id: folder.id, hookPoints }, hooks.editNames);
      return architecture.forward(config, parameters, ids, hooks).logits;
    },
    unembedding: () => unembeddingOf(architecture, config, weights),
  };
}

async function readJson(folder: ModelFolder, name: string): Promise<unknown> {
  const text = new TextDecoder().decode(await folder.file(name));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} of model "${folder.id}" is not JSON: ${(error as Error).message}`);
  }
}

const parametersOf = (weights: Arrays): TracedRecord =>
  Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, op.input(name, shape)]));

function recordOf(folder: ModelFolder, config: ModelConfig, hookPoints: readonly HookPoint[]): ModelRecord {
  const { id, displayName, origin, licence } = folder;
  const { architecture, layers, dModel, vocabularySize, contextSize } = config;
  return {
    id,
    displayName,
    architecture,
    layers,
    dModel,
    vocabularySize,
    contextSize,
    origin,
    licence,
    hookPoints: [...hookPoints],
  };
}

function unembeddingOf(
  architecture: Architecture,
  config: ModelConfig,
  weights: Arrays,
): ReturnType<Model['unembedding']> {
  const names = architecture.unembedding(config);
  const { dModel, vocabularySize } = config;
  const rows = weights[names.unembedding]!.data as Float32Array; // [vocabulary, d_model]
  const columns = new Float32Array(rows.length);
  for (let token = 0; token < vocabularySize; token++)
    for (let i = 0; i < dModel; i++) columns[i * vocabularySize + token] = rows[token * dModel + i]!;
  const gain = names.finalNormGain === null ? null : (weights[names.finalNormGain]!.data as Float32Array).slice();
  return { W_U: columns, finalNormGain: gain };
}
