import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine } from '@monosema/engine';
import { openFileSource, openTorch } from '@monosema/formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { openSae, type OpenSaeOptions } from '../pretrained/index.ts';
import { parameter, type Sae } from '../sae.ts';
import type { SparseRows } from '../sparse-rows.ts';

// SAEs that others trained and measured. Those whose authors state no licence lie beside the project only where it is built.

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shared = (path: string): string => at(`../../../../../shared/data/${path}`);

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

async function encode(sae: Sae, x: Float32Array): Promise<SparseRows> {
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  await encoder.dispose();
  return codes;
}

/** Unexplained share of the variance of x [rows, width]. */
function fvu(x: Float32Array, reconstruction: Float32Array, width: number): number {
  const rows = x.length / width;
  const mean = Float64Array.from({ length: width }, (_, d) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += x[row * width + d]!;
    return sum / rows;
  });
  let [error, variance] = [0, 0];
  x.forEach((value, i) => {
    error += (reconstruction[i]! - value) ** 2;
    variance += (value - mean[i % width]!) ** 2;
  });
  return error / variance;
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

test('feature-routing: the metrics that its authors published come out to six digits', async () => {
  const { rows, published, prompts } = JSON.parse(
    readFileSync(at('../../fixtures/saes/feature-routing.json'), 'utf8'),
  ) as { rows: number; published: { fvu: number; l0: number; dead: number; relativeError: number }; prompts: string };
  await using file = await openFileSource(at('../../../model/fixtures/feature-routing/model.pt'));
  const model = await openTorch(file);
  const embeddings = (await model.read('embed.weight')).data;
  const positions = (await model.read('pos')).data;
  const x = Float32Array.from({ length: rows * 32 }, (_, i) => {
    const row = Math.floor(i / 32);
    return embeddings[Number.parseInt(prompts[row]!, 12) * 32 + (i % 32)]! + positions[(row % 5) * 32 + (i % 32)]!;
  });

  const { sae, layout, notes } = await openSae(at('../../fixtures/saes/feature-routing-relu.pt'));
  expect(layout).toBe('plain');
  expect(notes.map(({ kind, field }) => `${kind} ${field}`)).toEqual([
    ...['default architecture', 'default apply_b_dec_to_input', 'converted W_enc', 'converted W_dec'],
    ...['unknown model_name', 'unknown hook_name', 'default context_size', 'default prepend_bos'],
  ]);
  const codes = await encode(sae, x);
  const out = decode(sae, codes);
  const active = codes.values.filter((value) => value > 1e-6).length;
  const fired = new Set(codes.indices.filter((_, pair) => codes.values[pair]! > 1e-6));
  let relative = 0;
  for (let row = 0; row < rows; row++) {
    const part = x.subarray(row * 32, (row + 1) * 32);
    relative += norm(part.map((value, d) => out[row * 32 + d]! - value)) / norm(part);
  }
  expect(fvu(x, out, 32).toPrecision(6)).toBe(published.fvu.toPrecision(6));
  expect((active / rows).toPrecision(6)).toBe(published.l0.toPrecision(6));
  expect(64 - fired.size).toBe(published.dead);
  expect((relative / rows).toPrecision(6)).toBe(published.relativeError.toPrecision(6));
});

const absent = !existsSync(shared('saes'));
describe.skipIf(absent)('SAEs beside the project (skipped where ../shared is absent)', () => {
  const open = async (name: string, hints: OpenSaeOptions['hints'] = {}) => openSae(shared(`saes/${name}`), { hints });

  test('list-comp: act_mean is applied, so that the metrics of its authors come out', async () => {
    const x = await separatorStreams();
    const trained = (await open('list-comp-batchtopk-k3.pt', { architecture: 'batchtopk' })).sae;
    const { sae, notes } = await open('list-comp-batchtopk-k3.pt', { architecture: 'jumprelu' });
    expect(notes.find(({ field }) => field === 'act_mean')?.message).toContain('folded into the biases');

    const codes = await encode(sae, x);
    expect((codes.values.length / codes.rows).toFixed(2)).toBe('3.02');
    expect(fvu(x, decode(sae, codes), 64).toFixed(4)).toBe('0.0106');

    const all = await encode(
      { ...trained, parameters: { ...trained.parameters, topk_threshold: new Float32Array(1) } },
      x,
    );
    const batch = largest(all, 3 * all.rows);
    expect(batch.values.length).toBe(30_000);
    expect(fvu(x, decode(trained, batch), 64).toFixed(4)).toBe('0.0105');

    // What ignoring the mean comes to.
    await using file = await openFileSource(shared('saes/list-comp-batchtopk-k3.pt'));
    const mean = (await (await openTorch(file)).read('act_mean')).data;
    const b_dec = parameter(sae, 'b_dec').map((value, d) => value - mean[d]!);
    const without: Sae = { ...sae, parameters: { ...sae.parameters, b_dec } };
    expect(fvu(x, decode(without, await encode(without, x)), 64)).toBeGreaterThan(4);
  });

  test('list-comp and tinystories: what their files do not say must be said', async () => {
    await expect(open('list-comp-batchtopk-k3.pt')).rejects.toThrow('say architecture topk, or batchtopk or jumprelu');
    await expect(open('list-comp-batchtopk-k3.pt', { architecture: 'jumprelu', dSae: 512 })).rejects.toThrow(
      'dSae is 100',
    );
    await expect(open('tinystories-1m-topk4-512.pt')).rejects.toThrow('say k');
  });

  test('tinystories: a token has its 4 latents, none of which its own code without ReLU would have negative', async () => {
    const { sae, notes } = await open('tinystories-1m-topk4-512.pt', { k: 4, modelId: 'roneneldan/TinyStories-1M' });
    expect(sae.config).toMatchObject({ architecture: 'topk', dIn: 64, dSae: 512, k: 4 });
    expect(sae.config.contract.modelId).toBe('tinystories-1m');
    expect(notes.find(({ field }) => field === 'encode')?.message).toContain('no ReLU');
    const b_dec = parameter(sae, 'b_dec');
    const x = Float32Array.from({ length: 100 * 64 }, (_, i) => b_dec[i % 64]! + Math.sin(i * 1.7));
    const { offsets } = await encode(sae, x);
    expect([...offsets]).toEqual(Array.from({ length: 101 }, (_, row) => 4 * row));
  });

  test('dictionary-learning-48x192: a state dict of AutoEncoder', async () => {
    const { sae, layout } = await open('dictionary-learning-48x192.pt');
    expect(layout).toBe('dictionary-learning');
    expect(sae.config).toMatchObject({ architecture: 'standard', dIn: 48, dSae: 192, subtractDecoderBias: true });
  });
});

/** The values at blocks.0.hook_resid_post of the separator in [a, b, SEP], for all 10,000 pairs of digits below 100. */
async function separatorStreams(): Promise<Float32Array> {
  await using file = await openFileSource(shared('models/list-comp/2layer_100dig_64d.pt'));
  const model = await openTorch(file);
  const read = async (name: string) => (await model.read(name)).data;
  const width = 64;
  const embeddings = await read('embed.W_E');
  const positions = await read('pos_embed.W_pos');
  const [query, key, value, output] = await Promise.all(
    ['Q', 'K', 'V', 'O'].map((name) => read(`blocks.0.attn.W_${name}`)),
  );
  const times = (x: readonly number[], matrix: ArrayLike<number>): number[] =>
    Array.from({ length: width }, (_, column) =>
      x.reduce((sum, each, row) => sum + each * matrix[row * width + column]!, 0),
    );
  const input = (token: number, position: number): number[] =>
    Array.from({ length: width }, (_, d) => embeddings[token * width + d]! + positions[position * width + d]!);
  // Tokens 100 and 101 are the mask and the separator. It attends to the two digits alone.
  const separator = input(101, 2);
  const asked = times(separator, query!);
  const parts = [0, 1].map((position) =>
    Array.from({ length: 100 }, (_, digit) => {
      const x = input(digit, position);
      const score = times(x, key!).reduce((sum, each, d) => sum + each * asked[d]!, 0) / Math.sqrt(width);
      return { score, moved: times(times(x, value!), output!) };
    }),
  );
  const rows: number[] = [];
  for (const first of parts[0]!)
    for (const second of parts[1]!) {
      const share = 1 / (1 + Math.exp(second.score - first.score));
      for (let d = 0; d < width; d++)
        rows.push(separator[d]! + share * first.moved[d]! + (1 - share) * second.moved[d]!);
    }
  return Float32Array.from(rows);
}

/** The codes that are among the largest of all. */
function largest(codes: SparseRows, count: number): SparseRows {
  const smallest = Float32Array.from(codes.values).sort().at(-count)!;
  const kept = [...codes.values.keys()].filter((pair) => codes.values[pair]! >= smallest);
  const offsets = new Int32Array(codes.rows + 1);
  let row = 0;
  for (const pair of kept) {
    while (pair >= codes.offsets[row + 1]!) row++;
    offsets[row + 1]!++;
  }
  for (let i = 1; i <= codes.rows; i++) offsets[i]! += offsets[i - 1]!;
  return {
    rows: codes.rows,
    offsets,
    indices: Int32Array.from(kept, (pair) => codes.indices[pair]!),
    values: Float32Array.from(kept, (pair) => codes.values[pair]!),
  };
}
