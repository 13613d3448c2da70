import { openEngine, type Engine } from '@monosema/engine';
import { writeSafetensors } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { architectureOf } from '../architectures/index.ts';
import { needsInput, decode } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { recorded } from '../fixtures/saelens.fixture.ts';
import { parameter, type Sae } from '../sae.ts';
import type { SparseRows } from '../sparse-rows.ts';
import { loadSae, loadSaeWithNotes, saveSae, type Files } from './sae-files.ts';
import { readSaelensConfig } from './saelens-config.ts';
import { LoadNotes } from './load-note.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const filesOf = (files: Record<string, string>): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );
const dense = ({ rows, offsets, indices, values }: SparseRows, dSae: number): Float32Array => {
  const out = new Float32Array(rows * dSae);
  for (let row = 0; row < rows; row++)
    for (let pair = offsets[row]!; pair < offsets[row + 1]!; pair++) out[row * dSae + indices[pair]!] = values[pair]!;
  return out;
};
const close = (what: string, actual: ArrayLike<number>, wanted: readonly number[], tolerance: number): void => {
  expect(actual.length, what).toBe(wanted.length);
  wanted.forEach((value, i) =>
    expect(Math.abs(actual[i]! - value), `${what}[${i}]`).toBeLessThan(tolerance * Math.max(1, Math.abs(value))),
  );
};

test.each(recorded.files.map((file) => [file.name, file] as const))(
  'files of sae-lens give its codes and outputs, and are written again byte by byte: %s',
  async (name, recording) => {
    const files = filesOf(recording.files);
    const sae = loadSae(files);
    expect(saveSae(sae)).toEqual(files);
    const { dSae, dIn } = sae.config;
    const x = Float32Array.from(recorded.x.slice(0, Math.floor(recorded.x.length / dIn) * dIn));
    const encoder = await compileEncode(engine, sae);
    const codes = await encoder.encode(x);
    await encoder.dispose();
    // sae-lens calculates a bfloat16 SAE in bfloat16: three digits.
    const tolerance = name.includes('bfloat16') ? 2e-2 : 1e-5;
    close('codes', dense(codes, dSae), recording.codes, tolerance);
    close('out', decode(sae, codes, needsInput(sae.config) ? x : undefined), recording.out, tolerance);
  },
);

test.each(recorded.legacy.map((config) => [config.name, config] as const))(
  'a config of SAELens 5 or older is read as sae-lens reads it: %s',
  (_, { file, read }) => {
    const { config, layout } = readSaelensConfig(file);
    const metadata = read['metadata'] as Record<string, unknown>;
    expect(layout).toBe('saelens-5');
    expect(config).toMatchObject({
      architecture: read['architecture'],
      ...{ dIn: read['d_in'], dSae: read['d_sae'], dtype: 'float32' },
      subtractDecoderBias: read['apply_b_dec_to_input'],
      normalisation: read['normalize_activations'],
      reshape: read['reshape_activations'],
      ...('k' in read && { k: read['k'] }),
      contract: {
        ...{ modelId: metadata['model_name'], hookPoint: metadata['hook_name'], dIn: read['d_in'] },
        ...{ contextSize: metadata['context_size'], prependBos: metadata['prepend_bos'] },
      },
      dataSetId: metadata['dataset_path'],
    });
  },
);

test('every default applied on load is reported', () => {
  const notes = new LoadNotes();
  readSaelensConfig(JSON.stringify({ d_in: 4, d_sae: 8, hook_point: 'blocks.0.hook_resid_pre', lr: 4e-4 }), notes);
  expect(notes.all.map(({ kind, field }) => `${kind} ${field}`)).toEqual([
    'renamed hook_point',
    'default prepend_bos',
    'ignored cfg.json',
    ...['dtype', 'device', 'apply_b_dec_to_input', 'normalize_activations', 'reshape_activations'].map(
      (f) => `default ${f}`,
    ),
    ...['default architecture', 'default activation_fn', 'unknown model_name', 'default context_size'],
  ]);
  const complete = new LoadNotes();
  readSaelensConfig(recorded.legacy[0]!.file, complete);
  expect(complete.all.map(({ field }) => field)).toEqual([
    ...['cfg.json', 'reshape_activations', 'center_writing_weights'],
  ]);
});

/** A v5 folder around the standard SAE that sae-lens wrote. */
function legacyFiles(change: Record<string, unknown>, tensors?: (sae: Sae) => Record<string, Float32Array>): Files {
  const sae = loadSae(filesOf(recorded.files[0]!.files));
  const { dIn: d_in, dSae: d_sae } = sae.config;
  const config = { architecture: 'standard', d_in, d_sae, dtype: 'float32', activation_fn_str: 'relu', ...change };
  const more = tensors?.(sae) ?? {};
  const shapes = { ...architectureOf(sae.config).shapes(sae.config) } as Record<string, readonly number[]>;
  const arrays = Object.fromEntries(
    [...Object.keys(shapes), ...Object.keys(more)].map((name) => {
      const data = more[name] ?? parameter(sae, name as 'W_enc');
      return [name, { data, shape: shapes[name] ?? [data.length] }];
    }),
  );
  return {
    'cfg.json': new TextEncoder().encode(JSON.stringify(config)),
    'sae_weights.safetensors': writeSafetensors(arrays),
  };
}

test('a finetuning scaling factor multiplies decoder rows; one of all ones is left out; one that cfg.json denies is an error', () => {
  const plain = loadSae(legacyFiles({}));
  const { dSae, dIn } = plain.config;
  const ones = loadSaeWithNotes(legacyFiles({}, () => ({ scaling_factor: new Float32Array(dSae).fill(1) })));
  expect(ones.sae.parameters).toEqual(plain.parameters);
  expect(ones.notes.some(({ field }) => field === 'scaling_factor')).toBe(true);
  const factor = () => ({ scaling_factor: Float32Array.from({ length: dSae }, (_, i) => 1 + i) });
  const scaled = loadSae(legacyFiles({ finetuning_scaling_factor: true }, factor));
  expect(scaled.parameters.W_dec[3 * dIn]).toBeCloseTo(4 * plain.parameters.W_dec[3 * dIn]!, 6);
  // Before SAELens 3 cfg.json did not say, and the factor was applied.
  expect(loadSae(legacyFiles({}, factor)).parameters.W_dec).toEqual(scaled.parameters.W_dec);
  const denied = legacyFiles({ finetuning_scaling_factor: false }, factor);
  expect(() => loadSae(denied)).toThrow('finetuning_scaling_factor false');
});

test('tanh-relu of SAELens 5, which 6 has dropped, is kept', async () => {
  const sae = loadSae(legacyFiles({ activation_fn_str: 'tanh-relu' }));
  expect(sae.config).toMatchObject({ architecture: 'standard', activation: 'tanh-relu' });
  const relu = { ...sae, config: { ...sae.config, activation: 'relu' as const } } as Sae;
  const x = Float32Array.from(recorded.x);
  const values = async (of: Sae) => {
    const encoder = await compileEncode(engine, of);
    const codes = await encoder.encode(x);
    await encoder.dispose();
    return codes.values;
  };
  const plain = await values(relu);
  (await values(sae)).forEach((value, i) => expect(value).toBeCloseTo(Math.tanh(plain[i]!), 5));
  expect(loadSae(saveSae(sae)).config).toMatchObject({ activation: 'tanh-relu' });
  expect(() => loadSae(legacyFiles({ activation_fn_str: 'gelu' }))).toThrow('activation_fn: gelu');
});

test('a scale of inputs that was not folded in yet is, when its file is there, and reported when it is not', () => {
  const files = legacyFiles({ normalize_activations: 'expected_average_only_in' });
  const { sae, notes } = loadSaeWithNotes(files);
  expect(sae.config.normalisation).toBe('expected_average_only_in');
  expect(notes.find(({ kind }) => kind === 'unknown')?.message).toMatch(/nobody|scale/);
  const scaler = new TextEncoder().encode('{"scaling_factor": 2.0}');
  const folded = loadSae({ ...files, 'activation_scaler.json': scaler });
  expect(folded.config.normalisation).toBe('none');
  expect(folded.parameters.W_enc[0]).toBeCloseTo(2 * sae.parameters.W_enc[0]!, 6);
  expect(folded.parameters.b_dec[0]).toBeCloseTo(sae.parameters.b_dec[0]! / 2, 6);
});
