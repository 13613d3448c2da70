import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monosema, monosemaHere } from './run-binary.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-cli-'));
  await writeFile(join(folder, 'latin1.txt'), Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x61]));
  await writeFile(join(folder, 'short.txt'), 'Once upon a time.');
});
afterAll(() => rm(folder, { recursive: true }));
test('the exit code of the process is the answer', async () => {
  const { code, stderr } = await monosema(['generate', 'x', '--model', 'gpt5']);
  expect(stderr).toMatch(/^error: --model: unknown model "gpt5"/);
  expect(code).toBe(2);
});

test('a reader that goes away is no failure', async () => {
  expect((await monosema(['train', '--help'], { closeOutput: true })).code).toBe(0);
});

test.each(['train', 'generate', 'activations', 'tokenize'])(
  '%s --help has examples and says so with 0',
  async (command) => {
    const { code, stdout } = await monosemaHere([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain(`$ monosema ${command}`);
  },
);

const out = (): string[] => ['--out', join(folder, 'out')];

test.each<[string, () => string[], RegExp]>([
  ['unknown command', () => ['trian'], /^error: unknown command 'trian'/],
  ['no --out', () => ['train'], /^error: --out: is missing/],
  [
    'negative tokens',
    () => ['train', ...out(), '--tokens', '-5'],
    /^error: option '--tokens <n>' argument '-5' is invalid/,
  ],
  [
    'k above d_sae',
    () => ['train', ...out(), '--k', '2000'],
    /^error: --k: k is 2000, but must be at most d_sae, which is 1024\n$/,
  ],
  [
    'k for a ReLU SAE',
    () => ['train', ...out(), '--architecture', 'standard', '--l1', '1', '--k', '4'],
    /^error: --k: is not for --architecture standard\n$/,
  ],
  [
    'no l1 for a transcoder, which has no preset',
    () => ['train', ...out(), '--architecture', 'transcoder', '--hook-out', 'blocks.1.hook_mlp_out'],
    /^error: --l1: an L1 coefficient is needed/,
  ],
  [
    'unknown hook',
    () => ['train', ...out(), '--hook', 'blocks.2.hook_resid'],
    /^error: --hook: .*blocks\.2\.hook_resid.*\n$/,
  ],
  ['layer out of range', () => ['train', ...out(), '--hook', 'blocks.9.hook_resid_post'], /^error: --hook: .*9.*\n$/],
  ['unknown model', () => ['generate', 'x', '--model', 'gpt5'], /^error: --model: .*stories-260k.*\n$/],
  ['unknown engine', () => ['generate', 'x', '--engine', 'abacus'], /^error: --engine: .*onnx-cpu.*\n$/],
  ['unknown data set', () => ['train', ...out(), '--data', 'pile'], /^error: --data: .*tinystories.*\n$/],
  [
    'text in another encoding',
    () => ['train', ...out(), '--data', join(folder, 'latin1.txt')],
    /^error: --data: .*UTF-8.*\n$/,
  ],
  [
    'too little text',
    () => ['train', ...out(), '--data', join(folder, 'short.txt')],
    /^error: --data: .*too short.*\n$/,
  ],
  [
    'a log of another kind',
    () => ['train', ...out(), '--log', 'xml'],
    /^error: --log: is xml; there is csv, tensorboard, wandb\n$/,
  ],
  [
    'a sweep with one value that is wrong',
    () => ['train', ...out(), '--k', '8,2000'],
    /^error: --k: k2000: k is 2000, but must be at most d_sae/,
  ],
  [
    'a transcoder that predicts nothing',
    () => ['train', ...out(), '--architecture', 'transcoder', '--l1', '1'],
    /^error: --hook-out: hookPointOut is needed/,
  ],
  [
    'a config that is none',
    () => ['train', ...out(), '--config', join(folder, 'short.txt')],
    /^error: --config: .*short\.txt is not JSON/,
  ],
  ['resume from nothing', () => ['train', ...out(), '--resume'], /^error: --resume: there is no checkpoint/],
  ['steering without an SAE', () => ['generate', 'x', '--steer', '3:2'], /^error: --steer: needs --sae/],
  ['a steering term that is none', () => ['generate', 'x', '--steer', '3'], /is not FEATURE:STRENGTH/],
  [
    'no such SAE',
    () => ['activations', 'x', '--sae', join(folder, 'none')],
    /^error: --sae: there is no file or folder .*none\n$/,
  ],
  ['two texts', () => ['tokenize', 'x', '--file', 'y'], /^error: --file: is for use without <text>\n$/],
  ['no text', () => ['tokenize'], /^error: <text>: is missing/],
  ['no such file', () => ['tokenize', '--file', join(folder, 'none')], /^error: --file: ENOENT/],
  ['a file that is no text', () => ['tokenize', '--file', join(folder, 'latin1.txt')], /^error: --file: .*utf-8\n$/],
  ['top-k without drawing', () => ['generate', 'x', '--top-k', '4'], /^error: --top-k: needs --temperature above 0/],
  ['top-p above 1', () => ['generate', 'x', '--top-p', '1.5'], /must be above 0 and at most 1/],
  [
    'more tokens than fit',
    () => ['generate', 'x', '--tokens', '600'],
    /^error: --tokens: prompt 0 .* reads at most 512\n$/,
  ],
  [
    'an SAE and a hook',
    () => ['activations', 'x', '--sae', 'y', '--hook', 'z'],
    /^error: --hook: is for use without --sae/,
  ],
  [
    'two hooks to show',
    () => ['activations', 'x', '--hook', 'y', '--hook', 'z'],
    /^error: --hook: may be repeated with --out/,
  ],
  [
    'another kind of file',
    () => ['activations', 'x', '--hook', 'y', '--out', 'a.npy'],
    /^error: --out: .*\.safetensors\n$/,
  ],
  ['data without a file', () => ['activations', '--data', 'x', '--hook', 'y'], /^error: --data: needs --out/],
  [
    'no such data',
    () => [
      'activations',
      '--data',
      join(folder, 'none'),
      '--hook',
      'blocks.0.hook_resid_pre',
      '--out',
      join(folder, 'a.safetensors'),
    ],
    /^error: --data: no file, folder or data set of the hub/,
  ],
  [
    'data too short',
    () => [
      'activations',
      '--data',
      join(folder, 'short.txt'),
      '--hook',
      'hook_embed',
      '--out',
      join(folder, 'a.safetensors'),
    ],
    /^error: --data: .*short\.txt does not fill one context of 128 tokens\n$/,
  ],
  ['neither SAE nor hook', () => ['activations', 'x'], /^error: --sae: give an SAE, or a hook point/],
])('%s is bad input, told in one line that names it', async (_, args, message) => {
  const { code, stdout, stderr } = await monosemaHere(args());
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(stdout).toBe('');
});
