import { expect, test } from 'vitest';
import { sourceIdSchema } from '@monosema/catalog';
import { sourceIdOf } from './source-name.ts';

test.each([
  ['blocks.2.hook_resid_post', 'tk', '2-res-tk'],
  ['blocks.11.hook_mlp_out', 'JB', '11-mlp-jb'],
  ['blocks.0.attn.hook_z', 'kk', '0-att-kk'],
  ['hook_embed', 'tk', '0-embed-tk'],
])('%s with the set %s is %s', (hookPoint, setName, sourceId) => {
  expect(sourceIdOf(hookPoint, setName)).toBe(sourceId);
  expect(sourceIdSchema.safeParse(sourceId).success).toBe(true);
});

test('without a set name the id is shown as far as it goes', () =>
  expect(sourceIdOf('blocks.2.hook_resid_post', ' ')).toBe('2-res'));
