import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHubSettings } from './env.ts';
import { HubServer } from './hub-server.fixture.ts';
import { openModelFolder, parseRepositoryId, type ModelFolder } from './index.ts';
import { repositoryOfShortName } from './short-names.ts';

const refs = { main: 'a'.repeat(40), step3: 'b'.repeat(40) };
const files = (...names: string[]): Record<string, Uint8Array> =>
  Object.fromEntries(names.map((name) => [name, new TextEncoder().encode(`{"is":"${name}"}`)]));

let cache: string;
let server: HubServer;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'monosema-Hub Model-'));
  const common = ['config.json', 'tokenizer.json', 'README.md', 'onnx/model.onnx', 'pytorch_model.bin', 'tf_model.h5'];
  server = await HubServer.start({
    'EleutherAI/pythia-70m': { refs, files: files(...common, 'model.safetensors'), tags: ['license:apache-2.0'] },
    'Owner/Old_Model': { refs, files: files('config.json', 'vocab.json', 'merges.txt', 'pytorch_model.bin') },
    'owner/quantised': { refs, files: files('a.Q4_0.gguf', 'b.Q8_0.gguf', 'README.md') },
    'owner/nothing': { refs, files: files('README.md') },
  });
});
afterAll(async () => {
  await server.close();
  await rm(cache, { recursive: true });
});

const open = (reference: string): Promise<ModelFolder> =>
  openModelFolder(reference, {
    hub: { endpoint: server.endpoint, cache, token: null, tokenFile: null, offline: false, retryDelayMs: 1 },
  });

test('a short name, a name and a revision open the same model; only what is read comes', async () => {
  server.seen.length = 0;
  const folder = await open('pythia-70m');
  expect(folder).toMatchObject({
    id: 'pythia-70m',
    displayName: 'pythia-70m',
    origin: `https://huggingface.co/EleutherAI/pythia-70m at ${refs.main}`,
    licence: 'apache-2.0',
    files: ['config.json', 'model.safetensors', 'tokenizer.json'],
  });
  expect(new TextDecoder().decode(await folder.file('config.json'))).toBe('{"is":"config.json"}');
  const handle = await folder.open('tokenizer.json');
  expect(await handle.readFile('utf8')).toBe('{"is":"tokenizer.json"}');
  await handle.close();
  expect(server.seen.filter(({ path }) => path.includes('/resolve/'))).toHaveLength(2);
  expect((await open('EleutherAI/pythia-70m@step3')).path).toContain(refs.step3);
  await expect(folder.file('README.md')).rejects.toThrow('has no file "README.md"; it has config.json, model');
});

test('pickled weights count where there is nothing else', async () => {
  expect((await open('Owner/Old_Model')).files).toEqual([
    'config.json',
    'merges.txt',
    'pytorch_model.bin',
    'vocab.json',
  ]);
  await expect(open('owner/nothing')).rejects.toThrow('owner/nothing has no weights at its top');
});

test('of several quantised files one is named', async () => {
  await expect(open('owner/quantised')).rejects.toThrow('name one, as in owner/quantised/a.Q4_0.gguf; there are');
  expect(await open('owner/quantised/b.Q8_0.gguf')).toMatchObject({ id: 'b.q8_0', files: ['b.Q8_0.gguf'] });
});

test('what is no name of a repository asks nobody', async () => {
  server.seen.length = 0;
  for (const name of ['gpt5', 'a b/c', 'owner/name@', 'owner/../x', 'owner/name@../x', './owner/name', '', 'a@b'])
    await expect(open(name)).rejects.toThrow(/allowed are|no model folder/);
  expect(server.seen).toEqual([]);
  expect(parseRepositoryId('dataset', 'wikitext@refs/convert/parquet')).toEqual({
    kind: 'dataset',
    name: 'wikitext',
    revision: 'refs/convert/parquet',
  });
});

test('short names are those that people use', () => {
  expect(repositoryOfShortName('GPT2')).toBe('openai-community/gpt2');
  expect(repositoryOfShortName('qwen2.5-0.5b')).toBe('Qwen/Qwen2.5-0.5B');
  expect(repositoryOfShortName('tinystories-33m')).toBe('roneneldan/TinyStories-33M');
  expect(repositoryOfShortName('constructor')).toBeNull();
});

test('the environment says what it says to Python', () => {
  expect(readHubSettings({})).toMatchObject({ endpoint: 'https://huggingface.co', token: null, offline: false });
  expect(
    readHubSettings({ HF_HOME: '/hf', HF_TOKEN: ' hf_x\n', HF_HUB_OFFLINE: 'ON', HF_ENDPOINT: 'http://m.example/' }),
  ).toMatchObject({
    cache: join('/hf', 'hub'),
    tokenFile: join('/hf', 'token'),
    token: 'hf_x',
    offline: true,
    endpoint: 'http://m.example',
  });
  expect(readHubSettings({ XDG_CACHE_HOME: '/xdg', HF_HUB_CACHE: '', HF_TOKEN: '' })).toMatchObject({
    cache: join('/xdg', 'huggingface', 'hub'),
    token: null,
  });
  expect(readHubSettings({ HF_TOKEN: 'hf_x', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' })).toMatchObject({
    token: null,
    tokenFile: null,
  });
  expect(() => readHubSettings({ HF_ENDPOINT: 'hub' })).toThrow('HF_ENDPOINT must be an http or https address');
});
