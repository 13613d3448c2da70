import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeSafetensors } from '@monosema/formats';
import { HubError } from '@monosema/hub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveSae, type Files } from '../checkpoint/sae-files.ts';
import { testSae } from '../sae.fixture.ts';
import { parseHubPlace } from './hub-folder.ts';
import { openSae, type OpenSaeOptions } from './open-sae.ts';

// A repository as huggingface_hub leaves it in its cache; nothing asks the network.
const commit = 'c'.repeat(40);
const sae = testSae();
const standard = testSae({ architecture: 'standard' }).parameters;
const files: Files = {
  ...Object.fromEntries(Object.entries(saveSae(sae)).map(([name, bytes]) => [`blocks.1/${name}`, bytes])),
  'run/config.json': new TextEncoder().encode(JSON.stringify({ model: 'openai-community/gpt2', ctx_len: 64 })),
  'run/layers.2/cfg.json': new TextEncoder().encode(JSON.stringify({ d_in: 6, num_latents: 10, k: 2 })),
  'run/layers.2/sae.safetensors': writeSafetensors({
    'encoder.weight': { data: standard.W_enc, shape: [10, 6] },
    'encoder.bias': { data: standard.b_enc!, shape: [10] },
    W_dec: { data: standard.W_dec, shape: [10, 6] },
    b_dec: { data: standard.b_dec, shape: [6] },
  }),
  'README.md': new TextEncoder().encode('two SAEs'),
};
let cache: string;
let options: OpenSaeOptions;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'hub-'));
  options = { hub: { cache, offline: true, endpoint: 'http://127.0.0.1:9', token: null, tokenFile: null } };
  const repository = join(cache, 'models--someone--saes');
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(repository, 'snapshots', commit, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  await mkdir(join(repository, 'refs'), { recursive: true });
  await writeFile(join(repository, 'refs/main'), commit);
});
afterAll(() => rm(cache, { recursive: true }));

test('an SAE of a repository is read from its folder, with the commit and the hashes of what was read', async () => {
  const { sae: read, provenance } = await openSae('someone/saes/blocks.1', options);
  expect(read.parameters).toEqual(sae.parameters);
  expect(provenance).toEqual({
    ...{ kind: 'hub', repository: 'someone/saes', revision: commit, path: 'blocks.1', release: null, saeId: null },
    files: Object.entries(saveSae(sae)).map(([name, bytes]) => ({
      name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  });
});

test('what a run says one folder up is read, and counts among the files', async () => {
  const { sae: read, layout, provenance } = await openSae(`someone/saes/run/layers.2@${commit}`, options);
  expect(layout).toBe('sparsify');
  expect(read.config.contract).toMatchObject({
    modelId: 'gpt2',
    hookPoint: 'blocks.2.hook_resid_post',
    contextSize: 64,
  });
  expect(provenance.files.map(({ name }) => name)).toEqual(['cfg.json', '../config.json', 'sae.safetensors']);
});

test('a repository of several SAEs lists them; a path that is not there, what is near', async () => {
  await expect(openSae('someone/saes', options)).rejects.toThrow(
    'someone/saes holds 2 SAEs: name one of them, as blocks.1, run/layers.2',
  );
  await expect(openSae('someone/saes/blocks.7', options)).rejects.toThrow(
    'someone/saes has no file or folder "blocks.7"; there is blocks.1',
  );
  await expect(openSae('someone/saes/blocks.1', { ...options, layout: 'sparsify' })).rejects.toThrow('num_latents');
  await expect(openSae('someone/others', options)).rejects.toThrow(HubError);
});

test('places on the hub are read from their names', () => {
  const place = (repository: string, path: string, revision = 'main') => ({ repository, path, revision });
  expect(parseHubPlace('a/b')).toEqual(place('a/b', ''));
  expect(parseHubPlace('a/b@v2')).toEqual(place('a/b', '', 'v2'));
  expect(parseHubPlace('a/b@v2/c/d')).toEqual(place('a/b', 'c/d', 'v2'));
  expect(parseHubPlace('a/b/c.d/e.pt@refs/pr/1')).toEqual(place('a/b', 'c.d/e.pt', 'refs/pr/1'));
  expect(parseHubPlace('a/b/')).toEqual(place('a/b', ''));
  for (const wrong of ['a', 'a/b@', 'a/b@x/c@y', '../a', 'a//b', '/a/b'])
    expect(parseHubPlace(wrong), wrong).toBeNull();
});
