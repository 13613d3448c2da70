import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationSchema } from '@monosema/catalog';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { monosema, monosemaHere } from './run-binary.fixture.ts';

// Each command is a process that loads everything; other work may share the machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const opening = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park.';
let folder: string;
let sae: string;
let trainArgs: string[];
let training: Awaited<ReturnType<typeof monosema>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-cli-'));
  // A little text, so that most of the time goes into training.
  const text = join(folder, 'stories.txt');
  const stories = (await openDataSet('tinystories')).documents('heldOut').slice(0, 150);
  await writeFile(text, stories.join('\n<|endoftext|>\n'));
  const sizes = [
    '--d-sae',
    '128',
    '--tokens',
    '102400',
    '--batch-tokens',
    '512',
    '--context-size',
    '64',
    '--threads',
    '1',
  ];
  trainArgs = ['train', '--hook', 'blocks.2.hook_resid_post', '--data', text, ...sizes, '--json', '--out'];
  sae = join(folder, 'sae');
  training = await monosema([...trainArgs, sae]);
});
afterAll(() => rm(folder, { recursive: true }));

test('train writes an SAE in SAELens layout and tells every event as a line of JSON', async () => {
  expect(training.stderr).toBe('');
  expect(training.code).toBe(0);
  const events = training.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string });
  expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['metrics', 'checkpoint', 'evaluation', 'done']));
  expect(events.at(-1)!.kind).toBe('done');
  expect(await readdir(sae)).toEqual(
    expect.arrayContaining(['cfg.json', 'evaluation.json', 'sae_weights.safetensors']),
  );
  await expect(access(join(sae, 'checkpoint'))).rejects.toThrow();
  evaluationSchema.parse(JSON.parse(await readFile(join(sae, 'evaluation.json'), 'utf8')));
});

test('a finished folder is not trained over', async () => {
  const { code, stderr } = await monosemaHere(['train', '--out', sae]);
  expect(stderr).toMatch(/^error: --out: .* already holds an SAE/);
  expect(code).toBe(2);
});

test('activations shows the features of each token', async () => {
  const { code, stdout } = await monosema(['activations', '-', '--sae', sae, '--json', '--top', '3'], {
    input: opening,
  });
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as {
    tokens: { text: string; features: { index: number; value: number }[] }[];
    features: unknown[];
  };
  expect(result.tokens.map(({ text }) => text).join('')).toContain('little girl');
  for (const { features } of result.tokens) expect(features.length).toBeLessThanOrEqual(8);
  expect(result.features).toHaveLength(3);
  const plain = await monosemaHere(['activations', opening, '--sae', sae]);
  expect(plain.stdout).toMatch(/strongest features\n {2}\d+ /);
});

test('activations without an SAE gives the vectors at a hook point', async () => {
  const { code, stdout } = await monosema(['activations', 'Once upon', '--hook', 'blocks.0.hook_resid_pre', '--json']);
  expect(code).toBe(0);
  const { tokens } = JSON.parse(stdout) as { tokens: { values: number[] }[] };
  for (const { values } of tokens) expect(values).toHaveLength(64);
});

test('generate continues prompts, and a steering feature changes the text', async () => {
  const plain = await monosema(['generate', 'Once upon a time', '--tokens', '20', '--json']);
  expect(plain.code).toBe(0);
  const [first] = JSON.parse(plain.stdout) as { prompt: string; text: string }[];
  expect(first!.text).toContain('there was a');
  const args = ['generate', 'Once upon a time', '--tokens', '20', '--sae', sae, '--steer'];
  const none = await monosemaHere([...args, '3:0']);
  expect(none.stdout).toBe(`${first!.prompt}${first!.text}\n`);
  expect((await monosema([...args, '3:60'])).stdout).not.toBe(none.stdout);
  const beyond = await monosemaHere([...args, '128:1']);
  expect([beyond.code, beyond.stderr]).toEqual([2, 'error: --steer: there is no feature 128: the SAE has 0 to 127\n']);
});

test('Ctrl-C stops with 130 and leaves a checkpoint; --resume gives the SAE that an unbroken run gives', async () => {
  const out = join(folder, 'broken');
  const args = [...trainArgs, out];
  const broken = await monosema(args, { interruptAt: /"kind":"checkpoint"/ });
  expect([broken.code, broken.stderr]).toEqual([130, 'cancelled; go on with --resume\n']);
  expect(await readdir(out)).toEqual(['checkpoint']);

  expect((await monosemaHere(args)).stderr).toMatch(/^error: --out: .* holds a checkpoint; go on with --resume/);
  const other = await monosemaHere([...args, '--k', '4', '--resume']);
  expect(other.stderr).toMatch(/^error: .*k \(8, now 4\)\n$/);

  const resumed = await monosema([...args, '--resume']);
  expect([resumed.code, resumed.stderr]).toEqual([0, '']);
  const weights = (path: string): Promise<Buffer> => readFile(join(path, 'sae_weights.safetensors'));
  expect(Buffer.compare(await weights(out), await weights(sae))).toBe(0);
});
