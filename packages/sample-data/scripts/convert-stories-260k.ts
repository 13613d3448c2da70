/**
 * Makes data/models/stories-260k from two files of karpathy/llama2.c:
 *   tsx packages/sample-data/scripts/convert-stories-260k.ts PATH/stories260K.bin PATH/tok512.bin
 * The files are known by their hashes; the result is the same bytes on every machine, and a test compares them.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeSafetensors } from '@monosema/formats';
import { modelFolder } from '../src/models.ts';
import { llamaConfig, llamaWeights } from './hugging-face-llama.ts';
import { readLlama2cCheckpoint } from './llama2c-checkpoint.ts';
import { readLlama2cTokenizer, tokenizerJson } from './llama2c-tokenizer.ts';

export const sourceHashes = {
  'stories260K.bin': 'b0a507e7ad0f626624f17112325e66691f9076d622e1d3274d103d00299f2696',
  'tok512.bin': '037cb335abb25d1fa9e8ecae30ed2a3a8ace9302862ebcdc05d51a6bbb10c312',
} as const;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 1) + '\n');

const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  model_max_length: 512,
  clean_up_tokenization_spaces: false,
};

/** The converted files by name. @throws when a source file is not the one that is meant */
export function convertStories260k(checkpoint: Uint8Array, tokenizer: Uint8Array): Record<string, Uint8Array> {
  for (const [name, bytes] of [
    ['stories260K.bin', checkpoint],
    ['tok512.bin', tokenizer],
  ] as const)
    if (sha256(bytes) !== sourceHashes[name])
      throw new Error(`${name} has sha256 ${sha256(bytes)}, not ${sourceHashes[name]}`);
  const { config, weights } = readLlama2cCheckpoint(checkpoint);
  return {
    'config.json': json(llamaConfig(config)),
    'model.safetensors': writeSafetensors(llamaWeights(config, weights), { format: 'pt' }),
    'tokenizer.json': json(tokenizerJson(readLlama2cTokenizer(tokenizer, config.vocabularySize))),
    'tokenizer_config.json': json(tokenizerConfig),
  };
}

async function main([checkpoint, tokenizer]: string[]): Promise<void> {
  if (!checkpoint || !tokenizer) throw new Error('usage: convert-stories-260k.ts stories260K.bin tok512.bin');
  const folder = modelFolder('stories-260k');
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(
    convertStories260k(await readFile(checkpoint), await readFile(tokenizer)),
  )) {
    await writeFile(join(folder, name), bytes);
    console.log(`${sha256(bytes)}  ${name}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
