import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HubServer } from './hub-server.fixture.ts';
import { openDataSetFolder, type DataSetFolder, type DataSetOptions } from './index.ts';

const refs = { main: 'd'.repeat(40) };
const files = (...names: string[]): Record<string, Uint8Array> =>
  Object.fromEntries(names.map((name) => [name, new TextEncoder().encode(name)]));

let folder: string;
let server: HubServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Data Sets-'));
  server = await HubServer.start({
    'datasets/owner/stories': {
      refs,
      files: files(
        'README.md',
        'data/train-00000-of-00002.parquet',
        'data/train-00001-of-00002.parquet',
        'data/validation-0.parquet',
        'train.jsonl',
      ),
    },
    'datasets/owner/wiki': { refs, files: files('small/train.parquet', 'small/test.parquet', 'large/train.parquet') },
    'datasets/owner/plain': { refs, files: files('dataset_infos.json', 'part1.jsonl', 'part2.jsonl') },
    'datasets/owner/none': { refs, files: files('README.md', 'script.py') },
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const open = (name: string, options: DataSetOptions = {}): Promise<DataSetFolder> =>
  openDataSetFolder(name, {
    hub: {
      endpoint: server.endpoint,
      cache: join(folder, 'cache'),
      token: null,
      tokenFile: null,
      offline: false,
      retryDelayMs: 1,
    },
    ...options,
  });
const names = async (name: string, options?: DataSetOptions): Promise<string[]> =>
  (await open(name, options)).files.map((file) => file.name);

test('the files of a split are taken, in the best format', async () => {
  expect(await names('owner/stories')).toEqual([
    'data/train-00000-of-00002.parquet',
    'data/train-00001-of-00002.parquet',
  ]);
  expect(await names('owner/stories', { split: 'validation' })).toEqual(['data/validation-0.parquet']);
  await expect(names('owner/stories', { split: 'test' })).rejects.toThrow(
    'has no split "test"; there is train, validation',
  );
});

test('one of several configurations is named', async () => {
  await expect(names('owner/wiki')).rejects.toThrow('owner/wiki has several configurations, name one: large, small');
  expect(await names('owner/wiki', { config: 'small', split: 'test' })).toEqual(['small/test.parquet']);
  await expect(names('owner/wiki', { config: 'tiny' })).rejects.toThrow('in "tiny"; there is large, small');
});

test('without a split in any name, all of it is train', async () => {
  expect(await names('owner/plain')).toEqual(['part1.jsonl', 'part2.jsonl']);
  await expect(names('owner/plain', { split: 'test' })).rejects.toThrow('has no split "test"; there is train');
  await expect(names('owner/none')).rejects.toThrow('owner/none has no .parquet, .arrow, .jsonl, .json or .txt file');
});

test('files come when they are opened', async () => {
  server.seen.length = 0;
  const { id, files: found } = await open('owner/plain');
  expect(id).toBe(`owner/plain@${refs.main}`);
  const handle = await found[1]!.open();
  expect(await handle.readFile('utf8')).toBe('part2.jsonl');
  await handle.close();
  expect(server.seen.filter(({ path }) => path.includes('/resolve/'))).toHaveLength(1);
});

test('a folder and a file are data sets too, and a path never asks the hub', async () => {
  for (const name of ['Mine/train/a.txt', 'Mine/train/b.txt', 'Mine/valid/c.txt', 'Mine/readme.txt']) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), name);
  }
  expect(await names(join(folder, 'Mine'))).toEqual(['train/a.txt', 'train/b.txt']);
  expect(await names(join(folder, 'Mine'), { split: 'validation' })).toEqual(['valid/c.txt']);
  const [file] = (await open(join(folder, 'Mine/train/a.txt'))).files;
  expect(file).toMatchObject({ name: 'a.txt', size: 16 });
  server.seen.length = 0;
  await expect(open('./none')).rejects.toThrow('no file, folder or data set of the hub "./none"');
  await expect(open(join(folder, 'none'))).rejects.toThrow('no file, folder or data set');
  expect(server.seen).toEqual([]);
});
