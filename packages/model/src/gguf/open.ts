import type { Arrays } from '@monosema/engine';
import { handleSource, openGguf, type GgufFile } from '@monosema/formats';
import type { ModelFolder } from '@monosema/hub';
import { architectureOf } from '../architectures/registry.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { TransformerConfig } from '../transformer/config.ts';
import { readWeights } from '../weights/read-weights.ts';
import { configFile } from './config.ts';
import { readModelMetadata } from './metadata.ts';
import { checkpointTensors, ropeFactors } from './tensors.ts';
import { ggufTokenizer } from './tokenizer.ts';

export interface GgufModel {
  readonly config: TransformerConfig;
  readonly weights: Arrays;
  readonly tokenizer: Tokenizer;
  readonly licence: string | null;
}

/** The GGUF file of a folder whose weights it is; null where there are weights of another kind. */
export function ggufFileOf({ id, files }: ModelFolder): string | null {
  if (files.some((name) => /\.(safetensors|bin|pt|pth)$/.test(name))) return null;
  const found = files.filter((name) => /\.gguf$/i.test(name));
  if (found.length > 1)
    throw new Error(`model "${id}" has several GGUF files, ${found.join(', ')}: name one by its own path`);
  return found[0] ?? null;
}

/**
 * Reads a model from a GGUF file of the Llama family (Llama, Mistral, SmolLM, Qwen2, Qwen3): weights unpacked to float32, in
 * the layout of transformers; config and tokenizer from the metadata.
 *
 * @throws FormatError for a damaged file, UnsupportedModelError for another architecture, Error naming the key or tensor
 */
export async function readGgufModel(folder: ModelFolder, name: string): Promise<GgufModel> {
  const handle = await folder.open(name);
  try {
    const file = await openGguf(await handleSource(handle, name));
    const metadata = readModelMetadata(folder.id, file);
    const json = configFile(metadata, file.tensors);
    const architecture = architectureOf(json);
    const config = await withRopeFactors(architecture.readConfig(json), file);
    const checkpoint = { files: [{ name, tensors: checkpointTensors(file, metadata) }] };
    const weights = await readWeights(checkpoint, architecture, config);
    const tokenizer = ggufTokenizer(metadata.tokenizer, config.vocabularySize);
    return { config, weights, tokenizer, licence: metadata.licence };
  } finally {
    await handle.close();
  }
}

/** Llama 3.1 and later: each rotary frequency is divided by a factor of its own. */
async function withRopeFactors(config: TransformerConfig, file: GgufFile): Promise<TransformerConfig> {
  const { positions } = config;
  if (!file.tensors.has(ropeFactors) || positions.kind !== 'rotary') return config;
  const { data } = await file.read(ropeFactors);
  if (data.length !== positions.frequencies.length || !data.every((factor) => factor > 0))
    throw new Error(`${ropeFactors} is no list of ${positions.frequencies.length} positive factors`);
  return { ...config, positions: { ...positions, frequencies: positions.frequencies.map((f, i) => f / data[i]!) } };
}
