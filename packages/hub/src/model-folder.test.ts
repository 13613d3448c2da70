import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledModels, openModelFolder } from './index.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'monosema-Hub Test-'));
});
afterAll(() => rm(parent, { recursive: true }));

test('a bundled model opens by its name', async () => {
  const folder = await openModelFolder('stories-260k');
  expect(folder).toMatchObject({ id: 'stories-260k', licence: 'MIT' });
  expect(JSON.parse(new TextDecoder().decode(await folder.file('config.json')))).toMatchObject({ vocab_size: 512 });
  expect(bundledModels()).toContain('stories-260k');
});

test('an unknown name says what is allowed', async () => {
  await expect(openModelFolder('gpt5')).rejects.toThrow(
    'unknown model "gpt5": allowed are "stories-260k" and the path of a folder or .gguf file, as in ./my-model, and a model of the hub',
  );
  await expect(openModelFolder('./no-such-folder')).rejects.toThrow(/no folder at .*no-such-folder: allowed are/);
});

test('a local folder opens when it has what every model has', async () => {
  await expect(openModelFolder(parent)).rejects.toThrow('lacks config.json');
  for (const name of ['config.json', 'tokenizer.json']) await writeFile(join(parent, name), '{}');
  await expect(openModelFolder(parent)).rejects.toThrow('lacks model.safetensors or another file of weights');
  await writeFile(join(parent, 'model.safetensors'), '');
  const folder = await openModelFolder(parent);
  expect(folder.id).toMatch(/^monosema-hub-test-[a-z0-9_-]+$/);
  expect(folder).toMatchObject({
    origin: null,
    licence: null,
    files: ['config.json', 'model.safetensors', 'tokenizer.json'],
  });
});

test('a single file of weights is a model by itself', async () => {
  const path = join(parent, 'Tiny Model.Q4_0.gguf');
  await writeFile(path, 'GGUF');
  const folder = await openModelFolder(path);
  expect(folder).toMatchObject({ id: 'tiny-model.q4_0', files: ['Tiny Model.Q4_0.gguf'] });
  const handle = await folder.open('Tiny Model.Q4_0.gguf');
  expect((await handle.read({ position: 1, length: 3, buffer: Buffer.alloc(3) })).buffer.toString()).toBe('GUF');
  await handle.close();
  await expect(openModelFolder(join(parent, 'config.json'))).rejects.toThrow(
    'is a file: a model is a folder, or a file',
  );
  await expect(openModelFolder('./none.gguf')).rejects.toThrow('none.gguf');
});

test('no file outside the folder is given', async () => {
  const folder = await openModelFolder('stories-260k');
  await expect(folder.file('../../../package.json')).rejects.toThrow('has no file "../../../package.json"');
});
