import { findSae, listReleases } from '@monosema/sae-registry';
import { expect, test } from 'vitest';
import { publishedPlace } from './published-place.ts';

test('every SAE of the registry has a place', () => {
  const wrong = listReleases().flatMap((release) =>
    release.saes.filter((sae) => publishedPlace({ release, sae }).repository !== release.repository),
  );
  expect(wrong).toEqual([]);
});

test('what a release corrects is honoured', () => {
  expect(publishedPlace(findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_pre'))).toEqual({
    ...{ repository: 'jbloom/GPT2-Small-SAEs-Reformatted', path: 'blocks.8.hook_resid_pre', layout: 'saelens' },
    hints: { corrections: { centred: true, sourceId: '8-res-jb' } },
  });
  const mistral = findSae('mistral-7b-res-wg', 'blocks.8.hook_resid_pre');
  expect(publishedPlace(mistral).hints.corrections).toMatchObject({ normalisation: 'constant_norm_rescale' });
  const mlp = findSae('gpt2-small-mlp-tm', 'blocks.0.hook_mlp_out');
  expect(publishedPlace(mlp).hints).toMatchObject({
    inputScaleIfOpen: mlp.sae.inputScale,
    corrections: { centred: true, dataSetId: 'Skylion007/openwebtext' },
  });
});

test('a layer that is listed by its number is the file of its encoder', () => {
  const { path, layout } = publishedPlace(findSae('mntss-gemma-2-2b-2.5m-clt-as-per-layer', 'layer_25'));
  expect([path, layout]).toEqual(['W_enc_25.safetensors', 'clt']);
});

test('layouts and overrides of tomorrow are errors, not passed over', () => {
  const { release, sae } = findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_pre');
  const of = (change: object) => () => publishedPlace({ release: { ...release, ...change }, sae });
  expect(of({ loader: 'of_tomorrow' })).toThrow('layout of_tomorrow, which is not read');
  expect(of({ overrides: { threshold_scale: 2 } })).toThrow(/config_overrides: .*threshold_scale/s);
});
