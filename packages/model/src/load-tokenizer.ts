import { handleSource, openGguf } from '@monosema/formats';
import { openModelFolder, type ModelFolder } from '@monosema/hub';
import { architectureOf } from './architectures/registry.ts';
import { configFile } from './gguf/config.ts';
import { readModelMetadata } from './gguf/metadata.ts';
import { ggufFileOf } from './gguf/open.ts';
import { ggufTokenizer } from './gguf/tokenizer.ts';
import { readTokenizer, tokenizerFileSets } from './tokenizer/read-tokenizer.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import { numberedTokenizer } from './toy/numbered-tokenizer.ts';
import type { TransformerConfig } from './transformer/config.ts';

/**
 * The tokenizer of a model alone, the one that `loadModel` gives it; the weights are neither read nor downloaded (but a .gguf
 * file of the hub comes as a whole).
 *
 * @throws as `loadModel`
 * @example (await loadTokenizer('gpt2')).encode('Hello')
 */
export async function loadTokenizer(nameOrPath: string | ModelFolder): Promise<Tokenizer> {
  const folder = typeof nameOrPath === 'string' ? await openModelFolder(nameOrPath) : nameOrPath;
  const gguf = ggufFileOf(folder);
  if (gguf !== null) return readGgufTokenizer(folder, gguf);
  const config: unknown = JSON.parse(new TextDecoder().decode(await folder.file('config.json')));
  return tokenizerOf(folder, architectureOf(config).readConfig(config));
}

/** Toy models of symbols have no tokenizer, and so their tokens are written as numbers. */
export function tokenizerOf(folder: ModelFolder, config: TransformerConfig): Tokenizer | Promise<Tokenizer> {
  const hasFiles = tokenizerFileSets.some((set) => set.every((name) => folder.files.includes(name)));
  if (config.architecture === 'HookedTransformer' && !hasFiles) return numberedTokenizer(config.vocabularySize);
  return readTokenizer(folder, { bos: config.bosToken, eos: config.eosToken, size: config.vocabularySize });
}

async function readGgufTokenizer(folder: ModelFolder, name: string): Promise<Tokenizer> {
  const handle = await folder.open(name);
  try {
    const file = await openGguf(await handleSource(handle, name));
    const metadata = readModelMetadata(folder.id, file);
    const json = configFile(metadata, file.tensors);
    return ggufTokenizer(metadata.tokenizer, architectureOf(json).readConfig(json).vocabularySize);
  } finally {
    await handle.close();
  }
}
