import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors, readSafetensorsHeader, writeSafetensors } from '@monosema/formats';
import { expect, test } from 'vitest';
import { testSae } from '../sae.fixture.ts';
import { architectureNames } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import { readSaeFolder, writeSaeFolder } from './sae-folder.ts';
import { loadSae, saveSae, type Files } from './sae-files.ts';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const configOf = (files: Files): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files['cfg.json'])) as Record<string, unknown>;

/** An SAE apart from where it came from. */
const bare = ({ config, parameters }: Sae): Sae => ({ config, parameters });

test.each(architectureNames)('a %s SAE comes back as it was, with the same bytes', (architecture) => {
  const sae = testSae({ architecture });
  const files = saveSae(sae);
  expect(bare(loadSae(files))).toEqual({ ...sae, config: { ...sae.config, metadata: expect.anything() as unknown } });
  expect(saveSae(loadSae(files))).toEqual(files);
  expect(saveSae(bare(loadSae(files)))).toEqual(files);
});

test('a half-precision SAE is written in half precision, but its thresholds (bf16 would freeze them)', () => {
  const sae = testSae({ architecture: 'jumprelu', dtype: 'bfloat16' });
  const files = saveSae(sae);
  const tensors = readSafetensorsHeader(files['sae_weights.safetensors']!).tensors;
  expect([...tensors].map(([name, { dtype }]) => `${name} ${dtype}`).sort()).toEqual([
    ...['W_dec BF16', 'W_enc BF16', 'b_dec BF16', 'b_enc BF16', 'threshold F32'],
  ]);
  const again = loadSae(files);
  expect(again.parameters.threshold).toEqual(sae.parameters.threshold);
  again.parameters.W_enc.forEach((value, i) =>
    expect(Math.abs(value / sae.parameters.W_enc[i]! - 1)).toBeLessThan(2 ** -8),
  );
  expect(saveSae(again)).toEqual(files);
});

test('cfg.json is of SAELens 6 layout', () => {
  expect(configOf(saveSae(testSae()))).toMatchObject({
    ...{ architecture: 'topk', d_in: 6, d_sae: 10, k: 3, dtype: 'float32', apply_b_dec_to_input: true },
    ...{ normalize_activations: 'none', reshape_activations: 'none', rescale_acts_by_decoder_norm: false },
    metadata: {
      ...{ model_name: 'stories-260k', hook_name: 'blocks.2.hook_resid_post', context_size: 16, prepend_bos: true },
      ...{ exclude_special_tokens: [1, 2], dataset_path: 'tinystories', neuronpedia_id: 'stories-260k/2-res-tk' },
      sae_lens_version: '6.54.12',
    },
  });
});

const changes: [string, (config: Record<string, unknown>) => unknown, string][] = [
  [
    'an architecture that is not read',
    (c) => ({ ...c, architecture: 'temporal' }),
    'architecture: temporal is none of standard',
  ],
  ['k above d_sae', (c) => ({ ...c, k: 11 }), 'k is 11, but must be at most d_sae, which is 10'],
  ['no k', (c) => ({ ...c, k: undefined }), 'k is needed for a TopK SAE'],
  [
    'a normalisation that is not applied',
    (c) => ({ ...c, normalize_activations: 'covariance_whitening' }),
    'normalize_activations: is none of none, expected_average_only_in',
  ],
  [
    'one head of several',
    (c) => ({ ...c, metadata: { ...(c['metadata'] as object), hook_head_index: 3 } }),
    'metadata.hook_head_index: an SAE of a single head is not read',
  ],
  [
    'a transcoder that subtracts b_dec',
    (c) => ({ ...c, architecture: 'transcoder', d_out: 4 }),
    'apply_b_dec_to_input',
  ],
  ['another width', (c) => ({ ...c, d_sae: 11 }), 'W_enc has shape [6, 10], but cfg.json needs [6, 11]'],
];
test.each(changes)('%s is refused by name', (_, change, message) => {
  const files = saveSae(testSae());
  expect(() => loadSae({ ...files, 'cfg.json': json(change(configOf(files))) })).toThrow(message);
});

test('unknown and missing tensors and files are named', () => {
  const files = saveSae(testSae());
  const { b_enc, ...rest } = readSafetensors(files['sae_weights.safetensors']!);
  const withTensors = (tensors: typeof rest): Files => ({
    ...files,
    'sae_weights.safetensors': writeSafetensors(tensors),
  });
  expect(() => loadSae(withTensors(rest))).toThrow('tensor b_enc is missing');
  expect(() => loadSae(withTensors({ ...rest, b_enc: b_enc!, threshold: b_enc! }))).toThrow('unknown tensor threshold');
  expect(() => loadSae({ 'cfg.json': files['cfg.json']! })).toThrow(
    'sae_weights.safetensors is missing; there is cfg.json',
  );
  expect(() => loadSae({ ...files, 'cfg.json': json(7) })).toThrow('cfg.json');
  expect(() => loadSae({ ...files, 'cfg.json': new TextEncoder().encode('{') })).toThrow('cfg.json is not JSON');
});

test('a folder holds the two files and nothing unfinished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sae-'));
  try {
    await writeSaeFolder(folder, testSae());
    expect((await readdir(folder)).sort()).toEqual(['cfg.json', 'sae_weights.safetensors']);
    expect((await readSaeFolder(folder)).parameters).toEqual(testSae().parameters);
    await expect(readSaeFolder(join(folder, 'nowhere'))).rejects.toThrow('has no cfg.json');
  } finally {
    await rm(folder, { recursive: true });
  }
});
