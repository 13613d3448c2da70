import { expect, test } from 'vitest';
import { folderFiles } from '../files/folder-files.ts';
import { fixture, importAll, ofKind } from '../fixtures.fixture.ts';
import { provenanceOf } from './provenance.ts';

test("what a row of Neuronpedia's says of its SAE", async () => {
  const { records } = await importAll(await folderFiles(fixture('v1-database')));
  expect(provenanceOf(ofKind(records, 'source')[0]!.row)).toEqual({
    saelensRelease: null,
    saelensSaeId: null,
    huggingFaceRepository: 'jbloom/GPT2-Small-SAEs-Reformatted',
    huggingFaceFolder: 'blocks.0.hook_resid_pre',
    width: null,
    hookPoint: null,
    dataSet: 'Skylion007/openwebtext',
    prompts: 5000,
    tokensPerPrompt: 128,
  });
});

test("SAELens's config, of either version, as JSON or as a string of it", () => {
  const old = { d_sae: 24_576, hook_point: 'blocks.8.hook_resid_pre' };
  const six = { d_sae: 16_384, metadata: { hook_name: 'blocks.20.hook_resid_post' } };
  expect(provenanceOf({ saelensConfig: JSON.stringify(old) })).toMatchObject({
    width: 24_576,
    hookPoint: old.hook_point,
  });
  expect(provenanceOf({ saelensConfig: six })).toMatchObject({ width: 16_384, hookPoint: 'blocks.20.hook_resid_post' });
  expect(provenanceOf({ saelensConfig: '' })).toMatchObject({ width: null, hookPoint: null });
  expect(() => provenanceOf({ saelensConfig: '{' })).toThrow('saelensConfig is no JSON');
  expect(() => provenanceOf({ saelensConfig: '[]' })).toThrow('saelensConfig is [], not an object');
  expect(() => provenanceOf({ saelensConfig: { d_sae: 1.5 } })).toThrow('d_sae is 1.5, not a whole number from 0');
});
