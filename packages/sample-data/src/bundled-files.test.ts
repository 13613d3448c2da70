import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { convertStories260k, sha256 } from '../scripts/convert-stories-260k.ts';
import { dataSets, modelFolder } from './index.ts';

const model = modelFolder('stories-260k');
const modelHashes: Record<string, string> = {
  'config.json': '2925f570fe2ad24b183130158f00705b213f2dbe0c544b92a38f10869721318e',
  'model.safetensors': '407a7c581bdd66972383ce9ad24857713fb98786d06ea564a2fe9b34ebe77dfd',
  'tokenizer.json': '91ffefe8960d1cf13c1477e324f6101d3e22a2c6a73ef94ae552854661f6c45b',
  'tokenizer_config.json': '0ec2fd7eb86fb362c1d59a566314c7f83351054c0bd126a79ee106943d558d87',
};
const textHashes = {
  train: '5352b299dcb1a32898b2d779b145b5a05f3e1265953fd21c264c9f9f9c9ae33d',
  heldOut: '5fc1fb0113df62b567fb271806cd645ce8d75f59c58ca0b764c03d3b6ff34ca6',
} as const;

test('every bundled file is the one that its hash names', async () => {
  for (const [name, hash] of Object.entries(modelHashes))
    expect(sha256(await readFile(`${model}/${name}`)), name).toBe(hash);
  for (const split of ['train', 'heldOut'] as const)
    expect(sha256(await readFile(dataSets[0]!.files[split])), split).toBe(textHashes[split]);
});

test('every bundled thing carries its licence', async () => {
  expect(await readFile(`${model}/LICENSE`, 'utf8')).toContain('Copyright (c) 2023 Andrej');
  expect(await readFile(join(dirname(dataSets[0]!.files.train), 'LICENSE'), 'utf8')).toContain('CDLA-Sharing-1.0');
});

const sources = fileURLToPath(new URL('../../../../shared/data/models/stories-260k/', import.meta.url));
test.skipIf(!existsSync(sources))(
  "llama2.c's files convert to the bundled ones (skipped where ../shared is absent)",
  async () => {
    const files = convertStories260k(
      await readFile(`${sources}stories260K.bin`),
      await readFile(`${sources}tok512.bin`),
    );
    expect(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)]))).toEqual(
      modelHashes,
    );
  },
);

test('another file is not taken for the source', () => {
  expect(() => convertStories260k(new Uint8Array(3), new Uint8Array(3))).toThrow('stories260K.bin has sha256');
});
