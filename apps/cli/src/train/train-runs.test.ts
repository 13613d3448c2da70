import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationSchema, saeArchitectureSchema } from '@monosema/catalog';
import { readSaeFolder } from '@monosema/sae';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { monosema, monosemaHere } from '../run-binary.fixture.ts';
import { architectures } from '../architectures.ts';

// Each training loads everything; other work may share the machine.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let text: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Train Runs-'));
  const stories = (await openDataSet('tinystories')).documents('heldOut').slice(0, 60);
  await mkdir(join(folder, 'data'));
  for (const [split, part] of [
    ['train', stories.slice(0, 50)],
    ['validation', stories.slice(50)],
  ] as const)
    await writeFile(join(folder, 'data', `${split}.jsonl`), part.map((story) => JSON.stringify({ story })).join('\n'));
  const data = ['--data', join(folder, 'data'), '--column', 'story', '--held-out-split', 'validation'];
  const sizes = [
    '--d-sae',
    '48',
    '--tokens',
    '5120',
    '--batch-tokens',
    '256',
    '--context-size',
    '32',
    '--threads',
    '1',
  ];
  text = [...data, ...sizes];
});
afterAll(() => rm(folder, { recursive: true }));

const out = (name: string): string => join(folder, name);
const weights = (...parts: string[]): Promise<Buffer> => readFile(join(folder, ...parts, 'sae_weights.safetensors'));
const json = async <T>(...parts: string[]): Promise<T> =>
  JSON.parse(await readFile(join(folder, ...parts), 'utf8')) as T;

test('the architectures of the command line are those of the catalog', () => {
  expect([...architectures].sort()).toEqual([...saeArchitectureSchema.options].sort());
});

test('several values are a sweep: a folder each, as if each had been trained alone, and a table', async () => {
  const { code, stdout, stderr } = await monosemaHere([
    'train',
    ...text,
    '--k',
    '2,4',
    '--lr',
    '0.002',
    '--out',
    out('sweep'),
  ]);
  expect([code, stdout]).toEqual([0, `${out('sweep')}/k2\n${out('sweep')}/k4\n`]);
  expect(stderr).toMatch(/^2 topk SAEs of stories-260k, on .*\n/);
  expect(stderr).toMatch(/\n +L0 +explained variance +CE-loss score .*\nk2 +2\.00 .*\nk4 +4\.00 .*\n$/);
  const results = await json<{ name: string; request: { k: number }; evaluation: unknown }[]>('sweep', 'sweep.json');
  expect(results.map(({ name, request }) => [name, request.k])).toEqual([
    ['k2', 2],
    ['k4', 4],
  ]);
  for (const { evaluation } of results) evaluationSchema.parse(evaluation);
  await monosemaHere(['train', ...text, '--k', '4', '--lr', '0.002', '--out', out('alone')]);
  expect(Buffer.compare(await weights('alone'), await weights('sweep', 'k4'))).toBe(0);
});

test('a sweep that was cancelled goes on: runs that are finished stay, others resume', async () => {
  const args = ['train', ...text, '--k', '2,4', '--json', '--log', 'csv', '--out', out('broken')];
  const broken = await monosema(args, { interruptAt: /"kind":"checkpoint","name":"k4","step":10/ });
  expect([broken.code, broken.stderr]).toEqual([130, 'cancelled; go on with --resume\n']);
  expect((await monosemaHere(args)).stderr).toMatch(/k2 holds a checkpoint; go on with --resume/);
  const resumed = await monosemaHere([...args, '--resume']);
  expect([resumed.code, resumed.stderr]).toEqual([0, '']);
  await monosemaHere(['train', ...text, '--k', '2,4', '--log', 'csv', '--out', out('whole')]);
  for (const name of ['k2', 'k4']) {
    expect(Buffer.compare(await weights('broken', name), await weights('whole', name))).toBe(0);
    const steps = async (sweep: string): Promise<string[]> =>
      (await readFile(join(folder, sweep, name, 'metrics.csv'), 'utf8')).split('\n').map((line) => line.split(',')[0]!);
    expect(await steps('broken')).toEqual(await steps('whole'));
  }
  expect(await monosemaHere([...args, '--resume'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('holds all of these SAEs already') as string,
  });
});

test('a config of SAELens is trained, options go before it, and checkpoints are kept as it asks', async () => {
  const config = {
    sae: {
      ...{ architecture: 'standard', d_in: 64, d_sae: 48, l1_coefficient: 0.5, l1_warm_up_steps: 3 },
      ...{ normalize_activations: 'expected_average_only_in', apply_b_dec_to_input: false },
    },
    ...{ model_name: 'stories-260k', hook_name: 'blocks.1.hook_resid_post', dataset_path: out('data') },
    ...{ context_size: 32, training_tokens: 5120, train_batch_size_tokens: 256, lr: 0.001, lr_warm_up_steps: 2 },
    ...{ n_checkpoints: 1, output_path: out('from config'), logger: { log_to_wandb: true } },
  };
  const path = join(folder, 'sae.json');
  await writeFile(path, JSON.stringify(config));
  const data = text.slice(2, 6);
  const { code, stdout, stderr } = await monosemaHere([
    'train',
    '--config',
    path,
    ...data,
    '--l1',
    '0.25',
    '--seed',
    '7',
  ]);
  expect([code, stdout]).toEqual([0, `${out('from config')}\n`]);
  expect(stderr).toContain('config: nothing is sent to Weights & Biases; "wandb sync" sends what wandb/');
  expect(await readdir(join(folder, 'from config', 'wandb'))).toEqual([expect.stringMatching(/^offline-run-/)]);
  const { request, settings } = await json<{
    request: { hookPoint: string; seed: number };
    settings: { loss: object; schedule: object };
  }>('from config', 'training.json');
  expect(request).toMatchObject({ hookPoint: 'blocks.1.hook_resid_post', l1Coefficient: 0.25, seed: 7 });
  expect(settings).toMatchObject({
    loss: { sparsityCoefficient: 0.25, sparsityWarmUpSteps: 3 },
    schedule: { warmUpSteps: 2 },
    sae: { normalisation: 'expected_average_only_in' },
  });
  expect(await readdir(join(folder, 'from config', 'checkpoints'))).toEqual(['2560']);
  expect((await readSaeFolder(join(folder, 'from config', 'checkpoints', '2560'))).config.dSae).toBe(48);
  const { config: saved } = await readSaeFolder(out('from config'));
  expect(saved).toMatchObject({ architecture: 'standard', subtractDecoderBias: false, normalisation: 'none' });
});

test('activations that are on disk train the same SAE with neither model nor text', async () => {
  const args = ['train', ...text.slice(6), '--k', '3'];
  const cache = ['--cache', out('cache')];
  await monosemaHere([...args, ...text.slice(0, 6), '--out', out('plain')]);
  const first = await monosemaHere([...args, ...text.slice(0, 6), ...cache, '--out', out('first')]);
  expect([first.code, first.stdout]).toEqual([0, `${out('first')}\n`]);
  const second = await monosemaHere([...args, ...cache, '--out', out('second')]);
  expect([second.code, second.stdout]).toEqual([0, `${out('second')}\n`]);
  for (const name of ['first', 'second']) expect(Buffer.compare(await weights(name), await weights('plain'))).toBe(0);
  // Nothing is measured without the model.
  expect(await readdir(out('second'))).not.toContain('evaluation.json');
  const other = await monosemaHere([...args, ...cache, '--hook', 'blocks.0.hook_resid_post', '--out', out('third')]);
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: --hook: .*blocks\.0\.hook_resid_post/) as string,
  });
});

test.each([
  ['matryoshka_batchtopk', '--k', '2.5', '--widths', '12,48'],
  ['jumprelu', '--l0', '0.1'],
  ['skip_transcoder', '--l1', '0.1', '--hook', 'blocks.1.ln2.hook_normalized', '--hook-out', 'blocks.1.hook_mlp_out'],
])('%s is trained by options', async (architecture, ...own) => {
  const { code, stderr } = await monosemaHere([
    'train',
    ...text,
    '--architecture',
    architecture,
    ...own,
    '--tokens',
    '1024',
    '--json',
    '--out',
    out(architecture),
  ]);
  expect([code, stderr]).toEqual([0, '']);
  const { request } = await json<{ request: object }>(architecture, 'training.json');
  expect(request).toMatchObject({ architecture });
  expect((await readSaeFolder(out(architecture))).config.dSae).toBe(48);
});
