import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors, type NamedArrays } from '@monosema/formats';
import { loadModel, tokenContexts } from '@monosema/model';
import { modelFolder, openDataSet } from '@monosema/sample-data';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { monosemaHere } from './run-binary.fixture.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Text Commands-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

async function json(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await monosemaHere([...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

test('tokenize shows ids, places and parts of characters', async () => {
  const { ids, tokens } = (await json(['tokenize', 'Once é日'])) as {
    ids: number[];
    tokens: { id: number; text: string; partial: boolean; start: number; end: number }[];
  };
  expect(ids.slice(0, 2)).toEqual([1, 403]);
  expect(tokens[1]).toEqual({ id: 403, text: ' Once', partial: false, start: 0, end: 4, byteStart: 0, byteEnd: 4 });
  expect(tokens.slice(-3).map(({ partial, start, end }) => [partial, start, end])).toEqual(Array(3).fill([true, 6, 7]));
  const path = join(folder, 'story.txt');
  await writeFile(path, 'Once upon');
  const plain = await monosemaHere(['tokenize', '--file', path, '--no-bos']);
  expect(plain.stdout).toMatch(/^0 +403 +0–4 +0–4 +" Once"\n1 +407 /);
});

test('generate draws as it is told, and stops where it is told', async () => {
  const args = ['generate', 'Once upon a time', '--tokens', '30'];
  const [greedy] = (await json(args)) as { text: string; ids: number[]; end: string }[];
  expect(greedy!.ids).toHaveLength(30);
  expect(greedy!.end).toBe('length');
  const drawn = async (...more: string[]): Promise<string> =>
    ((await json([...args, '--temperature', '2', '--seed', '5', ...more])) as { text: string }[])[0]!.text;
  expect(await drawn('--top-k', '1')).toBe(greedy!.text);
  expect(await drawn('--top-p', '1e-9')).toBe(greedy!.text);
  expect(await drawn()).toBe(await drawn());
  expect(await drawn()).not.toBe(greedy!.text);
  const penalised = (await json([...args, '--frequency-penalty', '100'])) as { ids: number[] }[];
  expect(new Set(penalised[0]!.ids).size).toBe(penalised[0]!.ids.length);
  const stopped = await monosemaHere([...args, '--stop', ' girl']);
  expect(stopped.stdout).toBe(`Once upon a time${greedy!.text.slice(0, greedy!.text.indexOf(' girl'))}\n`);
  const two = await monosemaHere([...args, 'Once upon a time']);
  expect(two.stdout).toBe(`Once upon a time${greedy!.text}\n\nOnce upon a time${greedy!.text}\n`);
});

async function written(...args: string[]): Promise<NamedArrays> {
  const out = join(folder, 'values.safetensors');
  const { code, stdout, stderr } = await monosemaHere(['activations', ...args, '--out', out]);
  expect([code, stdout], stderr).toEqual([0, `${out}\n`]);
  return readSafetensors(await readFile(out));
}

test('activations of a text are written as one tensor per hook point', async () => {
  const hook = 'blocks.1.hook_resid_post';
  const tensors = await written('Once upon a time', '--hook', hook, '--hook', 'blocks.0.attn.hook_pattern');
  expect(Object.keys(tensors).sort()).toEqual(['blocks.0.attn.hook_pattern', hook, 'tokens']);
  expect(tensors[hook]!.shape).toEqual([5, 64]);
  expect(tensors['blocks.0.attn.hook_pattern']!.shape).toEqual([8, 5, 5]);
  const shown = (await json(['activations', 'Once upon a time', '--hook', hook])) as {
    tokens: { id: number; values: number[] }[];
  };
  expect(Array.from(tensors.tokens!.data)).toEqual(shown.tokens.map(({ id }) => id));
  const flat = shown.tokens.flatMap(({ values }) => values);
  tensors[hook]!.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(flat[i]!, 4));
});

test('activations of data are those of its packed contexts', async () => {
  const stories = (await openDataSet('tinystories')).documents('heldOut').slice(0, 90);
  const path = join(folder, 'stories.jsonl');
  await writeFile(path, stories.map((story) => JSON.stringify({ id: 1, story })).join('\n'));
  const hook = 'blocks.2.hook_resid_pre';
  const args = ['--data', path, '--column', 'story', '--contexts', '70', '--context-size', '64', '--hook', hook];
  const tensors = await written(...args);
  expect([tensors[hook]!.shape, tensors.tokens!.shape]).toEqual([
    [70, 64, 64],
    [70, 64],
  ]);
  const want = tokenContexts((await loadModel('stories-260k')).tokenizer, stories, 64).slice(0, 70);
  expect(Array.from(tensors.tokens!.data)).toEqual(want.flatMap((row) => Array.from(row)));
  // The last row is computed in another run than the first.
  const last = await written(...args.with(5, '1'));
  const first = tensors[hook]!.data.subarray(0, 64 * 64);
  last[hook]!.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(first[i]), 4));
});

test('a model of the hub comes from the cache that Python shares; an outage is a failure, not bad input', async () => {
  const commit = 'e'.repeat(40);
  const root = join(folder, 'hub', 'models--owner--stories');
  await mkdir(join(root, 'refs'), { recursive: true });
  await writeFile(join(root, 'refs/main'), commit);
  await cp(modelFolder('stories-260k'), join(root, 'blobs'), { recursive: true });
  await mkdir(join(root, 'snapshots', commit), { recursive: true });
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'])
    await symlink(join('../../blobs', name), join(root, 'snapshots', commit, name));
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const text = await monosemaHere(['generate', 'Once upon a time', '--tokens', '8', '--model', 'owner/stories']);
  expect(text.stdout).toBe((await monosemaHere(['generate', 'Once upon a time', '--tokens', '8'])).stdout);
  expect((await monosemaHere(['tokenize', 'Once', '--model', 'owner/stories@main'])).stdout).toMatch(/403/);
  const absent = await monosemaHere(['tokenize', 'Once', '--model', 'owner/other']);
  expect([absent.code, absent.stderr]).toEqual([
    2,
    'error: --model: revision "main" of model owner/other is not in the cache, and HF_HUB_OFFLINE forbids to fetch it\n',
  ]);
  vi.stubEnv('HF_HUB_OFFLINE', '');
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
  const outage = await monosemaHere(['tokenize', 'Once', '--model', 'owner/other']);
  expect([outage.code, outage.stderr]).toEqual([1, expect.stringMatching(/^error: --model: .*gives no answer.*\n$/)]);
  expect((await monosemaHere(['tokenize', 'Once', '--model', 'owner/stories'])).code).toBe(0);
});
