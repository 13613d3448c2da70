import { expect, test } from 'vitest';
import { featurePath, layerOf, parseFeaturePath } from './address.ts';

test('a feature path is read and built back', () => {
  const address = { modelId: 'gpt2-small', sourceId: '8-res-jb', index: 1234 };
  expect(parseFeaturePath('/gpt2-small/8-res-jb/1234')).toEqual(address);
  expect(featurePath(address)).toBe('/gpt2-small/8-res-jb/1234');
});

test.each([
  '/gpt2-small/8-res-jb',
  '/gpt2-small/8-res-jb/x',
  '/gpt2-small/8-res-jb/-1',
  '/GPT/8-res-jb/1',
  '/a/res/1',
  '/a/8-res-jb/1/2',
  '/a/8-res-jb/99999999999',
])('%s is no feature path', (path) => expect(parseFeaturePath(path)).toBeNull());

test('the layer is read from source ids and hook names', () => {
  expect(layerOf('8-res-jb')).toBe(8);
  expect(layerOf('blocks.11.hook_resid_post')).toBe(11);
  expect(layerOf('hook_embed')).toBeNull();
});
