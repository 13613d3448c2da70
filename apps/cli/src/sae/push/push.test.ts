import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationSchema, trainingRequestSchema } from '@monosema/catalog';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { monosemaHere } from '../../run-binary.fixture.ts';
import { writeSmallSae } from '../small-sae.fixture.ts';
import { LoopbackHub } from './hub.fixture.ts';

let folder: string;
let sae: string;
let hub: LoopbackHub;
const evaluation = evaluationSchema.parse({
  ...{ tokens: 9000, l0: 5, mse: 2, explainedVariance: 0.8125, deadFeatures: 3, deadFraction: 1 / 32 },
  ...{ ceLossScore: 0.9, ceLossScoreEverywhere: null, ceLossClean: 1.5, ceLossSpliced: 2, ceLossAblated: 6.5 },
  ...{ ceLossAblatedEverywhere: null, intervals: { explainedVariance: [0.8, 0.825] } },
});
const request = trainingRequestSchema.parse({
  ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-tk', hookPoint: 'blocks.2.hook_resid_post' },
  ...{ architecture: 'topk', dSae: 96, k: 5, learningRate: 0.004, trainingTokens: 1e6 },
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Push-'));
  sae = join(folder, 'my sae');
  await writeSmallSae(sae);
  await writeFile(join(sae, 'evaluation.json'), JSON.stringify(evaluation));
  await writeFile(join(sae, 'training.json'), JSON.stringify({ request, settings: {} }));
  await writeFile(join(sae, 'notes.txt'), 'not for others');
  for (const [name, hookPoint] of [
    ['k5', 'blocks.2.hook_resid_post'],
    ['k10', 'blocks.3.hook_resid_post'],
  ] as const)
    await writeSmallSae(join(folder, 'sweep', name), { hookPoint });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  hub = await LoopbackHub.start();
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, String(Math.random())));
  vi.stubEnv('HF_TOKEN', hub.token);
  vi.stubEnv('HF_HUB_OFFLINE', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

const push = (...args: string[]) => monosemaHere(['sae', 'push', ...args]);
const text = (repository: string, file: string): string =>
  new TextDecoder().decode(hub.repositories[repository]!.files[file]);

test('an SAE is pushed with its card, and can be opened from there', async () => {
  const { code, stdout, stderr } = await push(sae, 'me/my-sae', '--private', '--licence', 'mit');
  expect([code, stdout]).toEqual([0, 'me/my-sae/blocks.2.hook_resid_post\n']);
  expect(stderr).toBe(`${hub.endpoint}/me/my-sae at ${'c'.repeat(40)}\n`);
  const { files, commits, private: isPrivate } = hub.repositories['me/my-sae']!;
  expect([isPrivate, commits]).toEqual([true, ['Push SAE blocks.2.hook_resid_post']]);
  expect(Object.keys(files).sort()).toEqual([
    'README.md',
    ...['cfg.json', 'evaluation.json', 'sae_weights.safetensors', 'training.json'].map(
      (name) => `blocks.2.hook_resid_post/${name}`,
    ),
  ]);
  const weights = files['blocks.2.hook_resid_post/sae_weights.safetensors']!;
  expect(Buffer.compare(weights, await readFile(join(sae, 'sae_weights.safetensors')))).toBe(0);

  const info = await monosemaHere(['sae', 'info', 'me/my-sae/blocks.2.hook_resid_post', '--json']);
  expect([info.code, info.stderr]).toEqual([0, '']);
  expect(JSON.parse(info.stdout)).toMatchObject({
    config: { architecture: 'topk', dSae: 96 },
    provenance: { kind: 'hub', repository: 'me/my-sae', path: 'blocks.2.hook_resid_post' },
  });
  const codes = await monosemaHere(['sae', 'encode', 'me/my-sae/blocks.2.hook_resid_post', 'Once upon a time']);
  expect(codes.stdout).toBe((await monosemaHere(['sae', 'encode', sae, 'Once upon a time'])).stdout);
});

test('the card says what the SAE is, how it was measured, and how it is loaded', async () => {
  await push(sae, 'me/my-sae', '--licence', 'mit', '--base-model', 'karpathy/tinyllamas');
  const card = text('me/my-sae', 'README.md');
  expect(card.slice(0, card.indexOf('<!--'))).toBe(`---
library_name: saelens
license: "mit"
base_model:
  - "karpathy/tinyllamas"
tags:
  - "sparse-autoencoder"
  - "saelens"
  - "monosema"
  - "mechanistic-interpretability"
---

`);
  const id = '`blocks.2.hook_resid_post`';
  expect(card).toContain(`\n| ${id} | topk | ${id} | 96 | 5 | 5.0 | 0.813 | 0.900 | 3 |\n`);
  expect(card).toContain('\nsae = SAE.from_pretrained("me/my-sae", "blocks.2.hook_resid_post")\n');
  expect(card).toContain("\nconst { sae } = await openSae('me/my-sae/blocks.2.hook_resid_post');\n");
  expect(card).toContain('\n| explained variance | 0.8125 | 0.8000 to 0.8250 |\n');
  expect(card).toContain('\n| BOS zeroed too | not measured |  |\n');
  expect(card).toContain('\n  "learningRate": 0.004,\n');
});

test('the card does not promise that SAELens reads what it does not', async () => {
  const old = join(folder, 'old');
  await writeSmallSae(old, { architecture: 'standard', activation: 'tanh-relu' });
  const { stdout } = await push(old, 'me/old', '--dry-run');
  expect(stdout).toContain('does not read SAEs of this kind');
  expect(stdout).not.toContain('from_pretrained');
});

test('the card of a converted SAE says what it was made from, but not where that lay on this machine', async () => {
  const converted = join(folder, 'converted');
  await monosemaHere(['sae', 'convert', sae, '--dtype', 'bfloat16', '--out', converted]);
  await push(converted, 'me/half');
  const card = text('me/half', 'README.md');
  expect(card).toMatch(/\nRead from files of saelens:\n\n- `cfg\.json`, sha256 `[0-9a-f]{64}`\n/);
  expect(text('me/half', 'blocks.2.hook_resid_post/conversion.json')).toContain('"path": "my sae"');
  for (const bytes of Object.values(hub.repositories['me/half']!.files))
    expect(Buffer.from(bytes).includes(folder)).toBe(false);
});

test('every SAE of a sweep is pushed in one commit, and the card keeps those that were there', async () => {
  await push(sae, 'me/saes');
  const { stdout } = await push(join(folder, 'sweep'), 'me/saes', '--path', 'sweep');
  expect(stdout).toBe('me/saes/sweep/k10\nme/saes/sweep/k5\n');
  expect(hub.repositories['me/saes']!.commits).toEqual(['Push SAE blocks.2.hook_resid_post', 'Push 2 SAEs']);
  const rows = text('me/saes', 'README.md').match(/^\| `.*$/gm)!;
  expect(rows).toEqual([
    '| `blocks.2.hook_resid_post` | topk | `blocks.2.hook_resid_post` | 96 | 5 | 5.0 | 0.813 | 0.900 | 3 |',
    '| `sweep/k5` | topk | `blocks.2.hook_resid_post` | 96 | 5 |  |  |  |  |',
    '| `sweep/k10` | topk | `blocks.3.hook_resid_post` | 96 | 5 |  |  |  |  |',
  ]);
});

test('a card that a person wrote stays, unless told otherwise', async () => {
  await push(sae, 'me/saes');
  const own = new TextEncoder().encode('---\nlicense: mit\n---\n# My SAEs\n');
  hub.repositories['me/saes']!.files['README.md'] = own;
  hub.repositories['me/saes']!.commits.push('by hand');
  const kept = await push(sae, 'me/saes');
  expect(kept.stderr).toMatch(/^README\.md was written by a person and stays/);
  expect(hub.repositories['me/saes']!.files['README.md']).toBe(own);
  await push(sae, 'me/saes', '--replace-card');
  expect(text('me/saes', 'README.md')).toContain('# saes\n');
});

test('a dry run sends nothing and needs no network', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  vi.stubEnv('HF_TOKEN', '');
  const { code, stdout, stderr } = await push(sae, 'me/my-sae', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^---\nlibrary_name: saelens\n[\s\S]*# my-sae\n/);
  expect(stderr).toMatch(/blocks\.2\.hook_resid_post\/sae_weights\.safetensors +\d.*kB +sha256 [0-9a-f]{64}\n/);
  expect(hub.repositories).toEqual({});
});

test('with --json the result is one line, and the token stands nowhere', async () => {
  const { stdout, stderr } = await push(sae, 'me/my-sae', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ repository: 'me/my-sae', commit: 'c'.repeat(40), created: true });
  expect(stdout + stderr).not.toContain(hub.token);
});

test.each<[string, string[], number, RegExp]>([
  ['no owner', ['SAE', 'my-sae'], 2, /^error: <repository>: "my-sae" is not owner\/name/],
  ['a way out', ['SAE', 'me/x', '--path', '../x'], 2, /^error: --path: "\.\.\/x" is no folder of a repository\n$/],
  ['no SAE', ['./none', 'me/x'], 2, /^error: <sae>: there is no file or folder/],
])('%s is bad input', async (_, [from = '', ...args], code, message) => {
  const { stderr, ...result } = await push(from === 'SAE' ? sae : from, ...args);
  expect(stderr).toMatch(message);
  expect(result).toEqual({ code, stdout: '' });
});

test('a token that may not write is told of, and is not shown', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_ofSomebodyElse');
  const { code, stderr } = await push(sae, 'me/my-sae');
  expect([code, stderr]).toEqual([2, expect.stringContaining('does not accept the token')]);
  expect(stderr).not.toContain('hf_');
});
