import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UnknownSaeError } from '@monosema/sae-registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSae, saveSae, type Files } from '../checkpoint/sae-files.ts';
import { caseOf, fileOf } from '../layouts/published.fixture.ts';
import { testSae } from '../sae.fixture.ts';
import { openSae } from './open-sae.ts';

let cache: string;
const commit = 'a'.repeat(40);
const hub = () => ({ cache, offline: true });
/** Puts files of a repository where huggingface_hub keeps them. */
async function cached(repository: string, files: Files): Promise<void> {
  const home = join(cache, `models--${repository.replace('/', '--')}`);
  const all = Object.entries(files).map(([path, bytes]) => [join('snapshots', commit, path), bytes] as const);
  for (const [path, bytes] of [...all, [join('refs', 'main'), Buffer.from(commit)] as const]) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), bytes);
  }
}
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'saes-'));
  for (const name of ['gemma scope, residual stream', 'clt layer']) {
    const recording = caseOf(name);
    const paths = Object.keys(recording.files);
    await cached(recording.repository, Object.fromEntries(paths.map((path) => [path, fileOf(recording, path)])));
  }
  const sae = testSae();
  const written = Object.entries(saveSae(sae)).map(([name, bytes]) => [`blocks.8.hook_resid_pre/${name}`, bytes]);
  await cached('jbloom/GPT2-Small-SAEs-Reformatted', Object.fromEntries(written) as Files);
});
afterAll(() => rm(cache, { recursive: true }));

test('an SAE of the registry is opened by release and id, as one name or two, and by Neuronpedia’s id', async () => {
  const path = 'layer_20/width_16k/average_l0_71';
  const opened = await openSae({ release: 'gemma-scope-2b-pt-res', saeId: path }, { hub: hub() });
  expect(opened.layout).toBe('gemma-scope');
  expect(opened.sae.config.contract.hookPoint).toBe('blocks.20.hook_resid_post');
  expect(opened.provenance).toMatchObject({
    ...{ kind: 'registry', repository: 'google/gemma-scope-2b-pt-res', revision: commit, path },
    ...{ release: 'gemma-scope-2b-pt-res', saeId: path },
    files: [{ name: 'params.npz' }],
  });
  const again = await openSae(`gemma-scope-2b-pt-res/${path}`, { hub: hub() });
  expect(again).toEqual(opened);
  const canonical = await openSae('gemma-2-2b/20-gemmascope-res-16k', { hub: hub() });
  expect(canonical.provenance).toMatchObject({ release: 'gemma-scope-2b-pt-res-canonical', path });
  expect(canonical.sae.config.sourceId).toBe('20-gemmascope-res-16k');
  // The same place by its name on the hub: the registry knows it, Neuronpedia's id included.
  const direct = await openSae(`google/gemma-scope-2b-pt-res/${path}`, { hub: hub() });
  expect(direct.sae).toEqual(canonical.sae);
  expect(direct.provenance).toMatchObject({ kind: 'hub', release: 'gemma-scope-2b-pt-res-canonical' });
});

test('a layer that the registry lists by its number is found with the files beside it', async () => {
  const name = { release: 'mntss-gemma-2-2b-2.5m-clt-as-per-layer', saeId: 'layer_2' };
  const { layout, provenance } = await openSae(name, { hub: hub() });
  expect(layout).toBe('clt');
  expect(provenance.files.map((file) => file.name).sort()).toEqual([
    ...['W_dec_2.safetensors', 'W_enc_2.safetensors', 'config.yaml'],
  ]);
});

test('#279: gpt2-small-res-jb is centred by what its release says, not by its files', async () => {
  const hints = { corrections: { hookPoint: 'blocks.8.hook_resid_pre' } };
  const name = 'gpt2-small-res-jb/blocks.8.hook_resid_pre';
  const { sae, notes } = await openSae(name, { hub: hub(), hints });
  expect(sae.config).toMatchObject({ centred: true, sourceId: '8-res-jb' });
  expect(notes.map(({ field }) => field)).toContain('center_writing_weights');
  // #538: also where it is named by its repository.
  const direct = await openSae('jbloom/GPT2-Small-SAEs-Reformatted/blocks.8.hook_resid_pre', { hub: hub(), hints });
  expect(direct.sae).toEqual(sae);
  expect(direct.notes.at(-1)?.message).toContain('blocks.8.hook_resid_pre of gpt2-small-res-jb');
});

test("Neuronpedia's id is written as it is, where it calls the model otherwise", async () => {
  const hints = { corrections: { modelId: 'meta-llama/gpt-2-small' } };
  const { sae } = await openSae('gpt2-small-res-jb/blocks.8.hook_resid_pre', { hub: hub(), hints });
  const written = JSON.parse(new TextDecoder().decode(saveSae(sae)['cfg.json'])) as { metadata: object };
  expect(written.metadata).toMatchObject({ model_name: 'gpt-2-small', neuronpedia_id: 'gpt2-small/8-res-jb' });
  const { sourceId, metadata } = loadSae(saveSae(sae)).config;
  expect([sourceId, metadata['neuronpedia_id']]).toEqual(['8-res-jb', 'gpt2-small/8-res-jb']);
});

test('a wrong id is answered with the nearest ones', async () => {
  const wrong = { release: 'gpt2-small-res-jb', saeId: 'blocks.8.hook_resid_post' };
  await expect(openSae(wrong)).rejects.toThrow(UnknownSaeError);
  await expect(openSae(wrong)).rejects.toThrow('did you mean blocks.8.hook_resid_pre');
  await expect(openSae('gpt2-smal-res-jb/x', { from: 'registry' })).rejects.toThrow('did you mean gpt2-small-res-jb');
});
