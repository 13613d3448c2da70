import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationSchema } from '@monosema/catalog';
import { readSafetensors, writeSafetensors } from '@monosema/formats';
import { decode, readSaeFolder, type Sae } from '@monosema/sae';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { monosemaHere } from '../run-binary.fixture.ts';
import { writeSmallSae } from './small-sae.fixture.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let path: string;
let sae: Sae;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Sae Commands-'));
  path = join(folder, 'my sae');
  sae = await writeSmallSae(path);
});
afterAll(() => rm(folder, { recursive: true }));

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await monosemaHere([...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}

test('info tells what it is, from which bytes, and what was assumed', async () => {
  const { stdout } = await monosemaHere(['sae', 'info', path]);
  expect(stdout).toMatch(/^architecture +topk, k 5\nmodel +stories-260k\nreads +blocks\.2\.hook_resid_post\n/);
  expect(stdout).toMatch(/sae_weights\.safetensors +\d.* kB, sha256 [0-9a-f]{64}/);
  const info = await json<{ layout: string; config: { dSae: number }; weights: { parameters: number }; notes: [] }>(
    ...['sae', 'info', path],
  );
  expect(info).toMatchObject({ layout: 'saelens', config: { dSae: 96 }, evaluation: null, notes: [] });
  expect(info.weights.parameters).toBe(2 * 64 * 96 + 96 + 64);
});

test('info notes what a SAELens 5 config leaves open', async () => {
  const old = join(folder, 'old');
  await writeSmallSae(old);
  const config = { architecture: 'standard', activation_fn_str: 'topk', activation_fn_kwargs: { k: 5 } };
  const rest = { d_in: 64, d_sae: 96, model_name: 'stories-260k', hook_point: 'blocks.2.hook_resid_post' };
  await writeFile(join(old, 'cfg.json'), JSON.stringify({ ...config, ...rest }));
  const { notes } = await json<{ notes: { kind: string; field: string }[] }>('sae', 'info', old);
  expect(notes.map(({ kind, field }) => `${kind} ${field}`)).toEqual(
    expect.arrayContaining(['renamed hook_point', 'default context_size']),
  );
});

test('encode gives the codes of a text, and what decoding them loses', async () => {
  const args = ['sae', 'encode', path, 'Once upon a time', '--reconstruct'];
  const shown = await monosemaHere(args);
  expect(shown.stdout).toMatch(/^"<s>" +\d +\(not counted\)\n" Once" +\d +\d+:\d+\.\d\d/);
  expect(shown.stdout).toMatch(/\nL0 \d\.\d\d of 96 features, explained variance -?\d+\.\d+\n$/);
  type Shown = { l0: number; tokens: { text: string; counted: boolean; features: { index: number }[] }[] };
  const { tokens } = await json<Shown>(...args);
  expect(tokens.map(({ text }) => text)).toEqual(['<s>', ' Once', ' upon', ' a', ' time']);
  expect(tokens.map(({ counted }) => counted)).toEqual([false, true, true, true, true]);
  const activations = await json<{ tokens: { features: unknown[] }[] }>(
    'activations',
    'Once upon a time',
    '--sae',
    path,
  );
  expect(activations.tokens.map(({ features }) => features)).toEqual(tokens.map(({ features }) => features));
});

test('BOS is shown and does not count', async () => {
  const relu = join(folder, 'relu');
  await writeSmallSae(relu, { architecture: 'standard' });
  const { l0, tokens } = await json<{ l0: number; tokens: { features: unknown[] }[] }>(
    ...['sae', 'encode', relu, 'Once upon a time'],
  );
  const active = tokens.map(({ features }) => features.length);
  expect(l0).toBe(active.slice(1).reduce((sum, count) => sum + count, 0) / 4);
  expect(active[0]).not.toBe(l0);
});

test('values in a file are encoded as the text that they are of; codes are compressed sparse rows', async () => {
  const [values, ofText, ofValues] = ['values', 'text', 'codes'].map((name) => join(folder, `${name}.safetensors`)) as [
    string,
    string,
    string,
  ];
  const data = ['--data', 'tinystories', '--contexts', '3', '--context-size', '32'];
  await monosemaHere(['activations', ...data, '--hook', 'blocks.2.hook_resid_post', '--out', values]);
  const results = [
    await monosemaHere(['sae', 'encode', path, ...data, '--out', ofText]),
    await monosemaHere(['sae', 'encode', path, '--input', values, '--reconstruct', '--out', ofValues]),
  ];
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const [a, b] = [readSafetensors(await readFile(ofText)), readSafetensors(await readFile(ofValues))];
  expect(a['tokens']!.shape).toEqual([3, 32]);
  expect(b['offsets']!.shape).toEqual([97]);
  expect(Array.from(b['indices']!.data)).toEqual(Array.from(a['indices']!.data));
  b['values']!.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(a['values']!.data[i]), 4));
  const codes = {
    rows: 96,
    offsets: b['offsets']!.data as Int32Array,
    indices: b['indices']!.data as Int32Array,
    values: b['values']!.data as Float32Array,
  };
  const xHat = decode(sae, codes);
  expect(b['reconstructions']!.data).toEqual(xHat);
  const x = readSafetensors(await readFile(values))['blocks.2.hook_resid_post']!.data as Float32Array;
  const mean = (d: number): number => x.reduce((sum, value, i) => (i % 64 === d ? sum + value / 96 : sum), 0);
  const means = Float64Array.from({ length: 64 }, (_, d) => mean(d));
  const squares = (from: (i: number) => number): number => x.reduce((sum, value, i) => sum + (value - from(i)) ** 2, 0);
  const told = await json<{ explainedVariance: number }>('sae', 'encode', path, '--input', values, '--reconstruct');
  expect(told.explainedVariance).toBeCloseTo(1 - squares((i) => xHat[i]!) / squares((i) => means[i % 64]!), 6);
});

test('a tensor is found by its name, or named; what does not fit is told', async () => {
  const file = join(folder, 'other.safetensors');
  const array = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });
  await writeFile(file, writeSafetensors({ heads: array(2, 3, 4, 16), odd: array(2, 60) }));
  const args = ['sae', 'encode', path, '--input', file];
  expect((await json<{ rows: number }>(...args, '--tensor', 'heads')).rows).toBe(6);
  const failures: [string[], string][] = [
    [[], 'name one of its tensors with --tensor: heads, odd'],
    [['--tensor', 'odd'], '"odd" is [2, 60], but the SAE reads rows of 64 numbers'],
    [['--tensor', 'none'], 'has no tensor "none"; it has heads, odd'],
  ];
  for (const [more, message] of failures) {
    const { code, stderr } = await monosemaHere([...args, ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});

test('evaluate measures on held-out text, and writes what train writes', async () => {
  const out = join(folder, 'evaluation.json');
  const args = ['sae', 'evaluate', path, '--contexts', '4'];
  const core = join(folder, 'core.json');
  const shown = await monosemaHere([...args, '--out', out, '--saebench', core]);
  expect(JSON.parse(await readFile(core, 'utf8'))).toMatchObject({ eval_type_id: 'core' });
  expect(shown.stdout).toMatch(/^topk SAE of stories-260k at blocks\.2\.hook_resid_post, d_sae 96, on tinystories\n/);
  expect(shown.stdout).toMatch(/\n {2}explained variance +-?\d/);
  const measured = evaluationSchema.parse(JSON.parse(await readFile(out, 'utf8')));
  expect(measured.tokens).toBeLessThan(4 * 32);
  const all = await json<{ tokens: number; l0: number }>(...args, '--count-special');
  expect(all.tokens).toBe(4 * 32);
});

test('convert writes the layout of SAELens 6, the same bytes where it is that already', async () => {
  const same = join(folder, 'same');
  const { code, stdout } = await monosemaHere(['sae', 'convert', path, '--out', same]);
  expect([code, stdout]).toEqual([0, `${same}\n`]);
  for (const name of ['cfg.json', 'sae_weights.safetensors'])
    expect(Buffer.compare(await readFile(join(same, name)), await readFile(join(path, name)))).toBe(0);
  const { provenance } = JSON.parse(await readFile(join(same, 'conversion.json'), 'utf8')) as {
    provenance: { kind: string; files: { sha256: string }[] };
  };
  expect(provenance).toMatchObject({ kind: 'disk' });
  expect(provenance.files[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
  const again = await monosemaHere(['sae', 'convert', path, '--out', same]);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('already holds an SAE') as string });

  const half = join(folder, 'half');
  expect((await monosemaHere(['sae', 'convert', path, '--out', half, '--dtype', 'bfloat16'])).code).toBe(0);
  const halved = await readSaeFolder(half);
  expect(halved.config.dtype).toBe('bfloat16');
  expect(halved.parameters.b_dec[3]).toBeCloseTo(sae.parameters.b_dec[3]!, 2);
  expect(await readdir(folder)).not.toContain('half.partial');
  const ranked = await monosemaHere(['sae', 'convert', path, '--out', join(folder, 'unit'), '--unit-decoder']);
  expect(ranked).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: --unit-decoder: /) as string });
});

test('an SAE of another model, width or place is refused; the same model may have two names', async () => {
  const other = join(folder, 'other model');
  await writeSmallSae(other, { modelId: 'stories' });
  const args = ['sae', 'encode', other, 'Once', '--model', 'stories-260k'];
  const refused = await monosemaHere(args);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('of stories, not of stories-260k') as string,
  });
  expect((await monosemaHere([...args, '--same-model'])).code).toBe(0);
  expect((await monosemaHere(['sae', 'encode', other, 'Once'])).stderr).toMatch(
    /^error: --model: unknown model "stories"/,
  );

  const wide = join(folder, 'wide');
  await writeSmallSae(wide, { hookPoint: 'blocks.2.mlp.hook_post' });
  expect((await monosemaHere(['sae', 'encode', wide, 'Once'])).stderr).toMatch(
    /^error: <sae>: this SAE has width 64 at blocks\.2\.mlp\.hook_post, where stories-260k has 172\n$/,
  );
});

test.each<[string, string[], RegExp]>([
  ['no such SAE', ['info', './none'], /^error: <sae>: there is no file or folder/],
  ['another layout', ['info', '.', '--layout', 'zip'], /^error: <sae>: --layout is zip, none of saelens, /],
  ['two texts', ['encode', '.', 'a', '--file', 'b'], /^error: --file: is for use without <text>\n$/],
  ['data to look at', ['encode', '.', '--data', 'x'], /^error: --data: needs --out/],
  ['a tensor of nothing', ['encode', '.', 'a', '--tensor', 'x'], /^error: --tensor: is of --input, which is missing/],
  ['another kind of file', ['evaluate', '.', '--out', 'x.txt'], /^error: --out: is x\.txt, but must end in \.json\n$/],
  ['no folder', ['convert', '.'], /^error: required option '--out <folder>'/],
  ['no command', ['fold', '.'], /^error: unknown command 'fold'/],
])('%s is bad input', async (_, args, message) => {
  const { code, stdout, stderr } = await monosemaHere(['sae', ...args]);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, '']);
});

test('list gives releases, and the SAEs of one', async () => {
  const releases = await json<{ release: string; saes: number }[]>('sae', 'list', 'gpt2-small-res-jb');
  expect(releases).toContainEqual({
    ...{ saeId: 'blocks.8.hook_resid_pre', path: 'blocks.8.hook_resid_pre', neuronpediaId: 'gpt2-small/8-res-jb' },
    ...{ l0: expect.any(Number) as number, explainedVariance: expect.any(Number) as number, inputScale: null },
  });
  const { stdout } = await monosemaHere(['sae', 'list', 'JBLOOM/']);
  expect(stdout).toMatch(/^release +model +SAEs +repository\n/);
  expect(stdout).toMatch(/\ngpt2-small-res-jb +gpt2-small +13 +jbloom\/GPT2-Small-SAEs-Reformatted\n/);
  expect(await monosemaHere(['sae', 'list', 'gpt9'])).toMatchObject({
    code: 2,
    stderr: 'error: <name>: no release, model or repository has "gpt9" in its name\n',
  });
});

test('what the files leave open is said by options', async () => {
  const bare = join(folder, 'bare');
  await writeSmallSae(bare);
  const rest = { architecture: 'topk', d_in: 64, d_sae: 96, k: 5, metadata: { sae_lens_version: '6.0.0' } };
  await writeFile(join(bare, 'cfg.json'), JSON.stringify(rest));
  const refused = await monosemaHere(['sae', 'encode', bare, 'Once']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: --model: .* name it\n$/) as string });
  const args = [bare, '--model', 'stories-260k', '--hook', 'blocks.2.hook_resid_post'];
  const said = await monosemaHere(['sae', 'encode', ...args, 'Once']);
  expect(said.stdout).toBe((await monosemaHere(['sae', 'encode', path, 'Once'])).stdout);
  const wrong = await monosemaHere(['sae', 'info', bare, '--k', '6']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('k is 5 by the files, but 6') as string });
  const converted = join(folder, 'said');
  await monosemaHere(['sae', 'convert', ...args, '--out', converted]);
  expect((await readSaeFolder(converted)).config.contract).toMatchObject({
    modelId: 'stories-260k',
    hookPoint: 'blocks.2.hook_resid_post',
  });
});

test.each(['list', 'info', 'encode', 'evaluate', 'convert', 'push'])('sae %s --help has examples', async (command) => {
  const { code, stdout } = await monosemaHere(['sae', command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`$ monosema sae ${command}`);
});
