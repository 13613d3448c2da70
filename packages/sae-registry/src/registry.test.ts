import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  findByNeuronpediaId,
  findRelease,
  findSae,
  hasRelease,
  listReleases,
  registrySource,
  releasesOf,
  UnknownSaeError,
} from './index.ts';

test('a published SAE is found by release and id, with where its files are and what is known of it', () => {
  const { release, sae } = findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_pre');
  expect(release).toMatchObject({
    ...{ repository: 'jbloom/GPT2-Small-SAEs-Reformatted', model: 'gpt2-small', loader: 'sae_lens' },
    overrides: { model_from_pretrained_kwargs: { center_writing_weights: true } },
  });
  expect(sae).toEqual({
    ...{ saeId: 'blocks.8.hook_resid_pre', path: 'blocks.8.hook_resid_pre', l0: 60, explainedVariance: 0.9 },
    ...{ neuronpediaId: 'gpt2-small/8-res-jb', inputScale: null },
  });
  expect(findSae('gemma-scope-2b-pt-res-canonical', 'layer_12/width_16k/canonical').sae.path).toBe(
    'layer_12/width_16k/average_l0_82',
  );
  expect(findSae('llama_scope_lxm_32x', 'l31m_32x').sae.inputScale).toBe(1.0534979423868314);
  // Its path is a number in the list.
  expect(findSae('mntss-gemma-2-2b-2.5m-clt-as-per-layer', 'layer_25').sae.path).toBe('25');
});

test("an SAE is found by Neuronpedia's id", () => {
  expect(findByNeuronpediaId('gpt2-small/12-res-jb')?.sae.saeId).toBe('blocks.11.hook_resid_post');
  expect(findByNeuronpediaId('gemma-2-9b-it/20-gemmascope-res-16k')?.release.release).toContain('gemma-scope-9b-it');
  expect(findByNeuronpediaId('gpt2-small/13-res-jb')).toBeUndefined();
});

test('what nobody stated is null, not a claim (SAELens says l0 0 and explained variance 1)', () => {
  const saes = listReleases().flatMap((release) => release.saes);
  expect(findSae('llama_scope_r1_distill', 'l0r_800m_slimpajama').sae).toMatchObject({
    ...{ l0: null, explainedVariance: null },
  });
  expect(saes.filter(({ l0 }) => l0 === 0)).toEqual([]);
  expect(saes.filter(({ explainedVariance }) => explainedVariance === 1)).toEqual([]);
});

test('a wrong name is answered with the nearest ones', () => {
  const error = (of: () => unknown): UnknownSaeError => {
    try {
      of();
    } catch (thrown) {
      if (thrown instanceof UnknownSaeError) return thrown;
    }
    throw new Error('found it');
  };
  expect(error(() => findSae('gpt2-smal-res-jb', 'x')).suggestions[0]).toBe('gpt2-small-res-jb');
  const layer = error(() => findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_post'));
  expect(layer.suggestions[0]).toBe('blocks.8.hook_resid_pre');
  expect(layer.message).toMatch(/^release gpt2-small-res-jb has no SAE "blocks.8.hook_resid_post"; did you mean/);
  expect(error(() => findSae('gpt2-small-res-jb', '?')).message).toMatch(/there is blocks\.\S+, .+ and 10 more$/);
  expect(error(() => findRelease('google/gemma-scope-2b-pt-res')).message).toContain(
    'is a repository; its releases are gemma-scope-2b-pt-res, gemma-scope-2b-pt-res-canonical',
  );
  expect(hasRelease('gpt2-small-res-jb')).toBe(true);
  expect(hasRelease('constructor')).toBe(false);
  expect(releasesOf('nobody/nothing')).toEqual([]);
});

test('names are whole: every release, SAE and Neuronpedia id is there once', () => {
  const releases = listReleases();
  expect(new Set(releases.map(({ release }) => release)).size).toBe(releases.length);
  const neuronpedia = releases.flatMap(({ saes }) => saes.flatMap(({ neuronpediaId: id }) => (id ? [id] : [])));
  expect(new Set(neuronpedia).size).toBe(neuronpedia.length);
  for (const { release, saes } of releases) {
    expect(saes.length, release).toBeGreaterThan(0);
    expect(new Set(saes.map(({ saeId }) => saeId)).size, release).toBe(saes.length);
  }
  expect(registrySource().sha256).toMatch(/^[0-9a-f]{64}$/);
});

const yaml = fileURLToPath(new URL('../../../../shared/data/configs/pretrained_saes.yaml', import.meta.url));
test.skipIf(!existsSync(yaml))("SAELens 6.18's list is all in it (skipped where ../shared is absent)", () => {
  interface Listed {
    id: string;
    path: string | number;
    l0?: number;
    variance_explained?: number;
    neuronpedia?: string;
    norm_scaling_factor?: number;
  }
  const list = parse(readFileSync(yaml, 'utf8')) as Record<string, { repo_id: string; saes: Listed[] }>;
  /** Given to an SAE of layer 2. */
  const wrong = new Set<string | undefined>(['gemma-2-9b/20-gemmascope-res-131k__l0-10']);
  let count = 0;
  for (const [name, { repo_id, saes }] of Object.entries(list)) {
    const release = findRelease(name);
    expect(release.repository).toBe(repo_id);
    const byId = new Map(release.saes.map((sae) => [sae.saeId, sae]));
    for (const { id, path, l0, variance_explained, neuronpedia, norm_scaling_factor } of saes) {
      const wanted = {
        ...{ saeId: id, path: String(path), l0: l0 ?? null, explainedVariance: variance_explained ?? null },
        ...{
          neuronpediaId: wrong.has(neuronpedia) ? null : (neuronpedia ?? null),
          inputScale: norm_scaling_factor ?? null,
        },
      };
      if (JSON.stringify(byId.get(id)) !== JSON.stringify(wanted))
        expect(byId.get(id), `${name} ${id}`).toEqual(wanted);
      count++;
    }
  }
  expect(count).toBe(4500);
});
