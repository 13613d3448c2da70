import { expect, test } from 'vitest';
import { readSaelensYaml } from '../scripts/saelens-yaml.ts';
import { registryText } from '../scripts/update-registry.ts';
import type { SaeRelease } from './published-sae.ts';
import { registryFileSchema, unpackRelease } from './registry-file.ts';
import { readSharedPrefixes } from './shared-prefixes.ts';

const source = { from: 'a test', sha256: '0'.repeat(64) };
const roundTrip = (releases: readonly SaeRelease[]): SaeRelease[] =>
  registryFileSchema.parse(JSON.parse(registryText(releases, source))).releases.map(unpackRelease);

/** As gpt2-small-res_scefr-ajt of SAELens is: its last SAE holds the release once more. */
const nested = `
gpt2-small-res_scefr-ajt:
  conversion_func: null
  links:
    model: https://huggingface.co/gpt2
  model: gpt2-small
  repo_id: neuronpedia/gpt2-small__res_scefr-ajt
  saes:
  - id: blocks.2.hook_resid_pre
    neuronpedia: gpt2-small/2-res_scefr-ajt
    path: 2-res_scefr-ajt
  - conversion_func: null
    id: blocks.10.hook_resid_pre
    links:
      model: https://huggingface.co/gpt2
    model: gpt2-small
    neuronpedia: gpt2-small/10-res_scefr-ajt
    path: 10-res_scefr-ajt
    repo_id: neuronpedia/gpt2-small__res_scefr-ajt
    saes:
    - id: blocks.2.hook_resid_pre
      neuronpedia: gpt2-small/2-res_scefr-ajt
      path: 2-res_scefr-ajt
    - id: blocks.6.hook_resid_pre
      path: 6-res_scefr-ajt
`;

test('a release that was pasted into itself is read once', () => {
  const releases = readSaelensYaml(nested);
  expect(releases).toHaveLength(1);
  expect(releases[0]!.saes.map(({ saeId, path, neuronpediaId }) => [saeId, path, neuronpediaId])).toEqual([
    ['blocks.2.hook_resid_pre', '2-res_scefr-ajt', 'gpt2-small/2-res_scefr-ajt'],
    ['blocks.10.hook_resid_pre', '10-res_scefr-ajt', 'gpt2-small/10-res_scefr-ajt'],
    ['blocks.6.hook_resid_pre', '6-res_scefr-ajt', null],
  ]);
  expect(() => readSaelensYaml(nested.replace('    - id: blocks.2', '    - l0: 3\n      id: blocks.2'))).toThrow(
    'release gpt2-small-res_scefr-ajt: SAE blocks.2.hook_resid_pre is listed twice, and differently',
  );
  expect(() => readSaelensYaml(nested.replace('    model: gpt2-small\n    n', '    model: gpt3\n    n'))).toThrow(
    'SAE blocks.10.hook_resid_pre holds another release',
  );
});

test('a list is kept whole, whatever it has and lacks', () => {
  const releases = readSaelensYaml(`
scope:
  conversion_func: gemma_2
  config_overrides: { dataset_path: some/text, model_from_pretrained_kwargs: { center_writing_weights: true } }
  model: m
  repo_id: owner/name
  saes:
  - { id: layer_0/a, path: folder/layer_0/a.pt, l0: 12.5, norm_scaling_factor: 0.25 }
  - { id: layer_0/b, path: folder/layer_0/b.pt, variance_explained: -0.65 }
  - { id: layer_1, path: folder/layer_1.pt, neuronpedia: m/1-s }
numbered: { model: m, repo_id: owner/other, saes: [{ id: layer_0, path: 0 }, { id: layer_10, path: 10 }] }
`);
  expect(roundTrip(releases)).toEqual(releases);
  expect(releases[0]).toMatchObject({ loader: 'gemma_2', overrides: { dataset_path: 'some/text' }, links: {} });
  expect(releases[0]!.saes).toMatchObject([
    { l0: 12.5, explainedVariance: null, neuronpediaId: null, inputScale: 0.25 },
    { l0: null, explainedVariance: -0.65 },
    { neuronpediaId: 'm/1-s', inputScale: null },
  ]);
  expect(releases[1]).toMatchObject({ loader: 'sae_lens', saes: [{ path: '0' }, { path: '10' }] });
  expect(roundTrip(readSaelensYaml(nested))).toEqual(readSaelensYaml(nested));
});

test('a Neuronpedia id of another layer than the path is left out, and reported', () => {
  const list = (path: string): string =>
    `scope: { model: m, repo_id: a/b, saes: [{ id: i, path: ${path}, neuronpedia: m/20-res__l0-10 }] }`;
  const reports: string[] = [];
  const idOf = (path: string) => readSaelensYaml(list(path), (line) => reports.push(line))[0]!.saes[0]!.neuronpediaId;
  expect([idOf('layer_20/x'), idOf('blocks.20.hook_resid_pre'), idOf('layer_2/x')]).toEqual([
    ...['m/20-res__l0-10', 'm/20-res__l0-10', null],
  ]);
  expect(reports).toEqual(['scope: layer_2/x is not m/20-res__l0-10, which is of another layer']);
});

test('a field that is not known is an error, not lost', () => {
  const release = (change: string): string => `r: { model: m, repo_id: a/b, saes: [{ id: i, path: p${change} }] }`;
  expect(readSaelensYaml(release(''))).toHaveLength(1);
  expect(() => readSaelensYaml(release(', threshold_scale: 2'))).toThrow(/release r: .*threshold_scale/s);
  expect(() => readSaelensYaml(release(', variance_explained: 1.2'))).toThrow(/release r: .*variance_explained/s);
});

test('a damaged list is refused', () => {
  expect(() => readSharedPrefixes(['0|abc', '4|d'])).toThrow('"4|d" does not continue "abc"');
  expect(() => readSharedPrefixes(['abc'])).toThrow('does not continue');
  const [packed] = registryFileSchema.parse(JSON.parse(registryText(readSaelensYaml(nested), source))).releases;
  expect(() => unpackRelease({ ...packed!, l0: [1] })).toThrow('1 l0 for 3 SAEs');
});
