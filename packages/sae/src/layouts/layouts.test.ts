import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveSae } from '../checkpoint/sae-files.ts';
import { writeFiles } from '../checkpoint/sae-folder.ts';
import { openSae } from '../pretrained/open-sae.ts';
import { testSae } from '../sae.fixture.ts';
import { memoryFolder } from './folder.ts';
import type { LayoutHints } from './layout.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saes-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('an SAE of SAELens layout is found in a folder, by either file, and gives the bytes that were read', async () => {
  const files = saveSae(testSae());
  await writeFiles(join(folder, 'mine'), files);
  for (const path of ['mine', 'mine/cfg.json', 'mine/sae_weights.safetensors']) {
    const { sae, layout, notes, provenance } = await openSae(join(folder, path));
    expect(layout).toBe('saelens');
    expect(notes).toEqual([]);
    expect(saveSae(sae)).toEqual(files);
    expect(provenance).toMatchObject({ kind: 'disk', path: join(folder, path), repository: null });
    expect(provenance.files.map(({ name, bytes }) => [name, bytes])).toEqual(
      Object.entries(files).map(([name, bytes]) => [name, bytes.length]),
    );
    expect(provenance.files[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('a folder that is no SAE, or none at all, is refused with what there is', async () => {
  await expect(openSae(memoryFolder({ 'notes.txt': new Uint8Array() }))).rejects.toThrow(/notes\.txt.*saelens/s);
  await expect(openSae(join(folder, 'nowhere'))).rejects.toThrow('there is no file or folder');
  await expect(openSae('nowhere')).rejects.toThrow('neither a file or folder');
});

test('hints fill what files leave open, are noted, and must not contradict them', async () => {
  const config = { d_in: 6, d_sae: 10, architecture: 'topk', k: 3, metadata: {}, sae_lens_version: '6.0.0' };
  const files = { ...saveSae(testSae()), 'cfg.json': new TextEncoder().encode(JSON.stringify(config)) };
  const hints = { modelId: 'openai-community/gpt2', hookPoint: 'blocks.0.attn.hook_z', contextSize: 64 };
  const { sae, notes } = await openSae(memoryFolder(files), { hints });
  expect(sae.config).toMatchObject({ contract: { ...hints, modelId: 'gpt2' }, reshape: 'hook_z' });
  expect(notes.filter(({ kind }) => kind === 'hint').map(({ field }) => field)).toEqual([
    ...['model_name', 'hook_name', 'context_size'],
  ]);
  expect(notes.filter(({ kind }) => kind === 'unknown')).toEqual([]);
  const complete = memoryFolder(saveSae(testSae()));
  await expect(openSae(complete, { hints: { k: 4 } })).rejects.toThrow('k is 3 by the files, but 4 was said');
  await expect(openSae(complete, { hints: { contextSize: 9 } })).rejects.toThrow('context_size is 16 by the files');
  const corrected = await openSae(complete, { hints: { corrections: { contextSize: 9 } } });
  expect(corrected.sae.config.contract.contextSize).toBe(9);
  expect(corrected.notes).toMatchObject([{ kind: 'converted', field: 'context_size' }]);
});

test('an SAE of a centred model centres its input; of a model that nobody centres, a note says so', async () => {
  const read = async (modelId: string, hookPoint: string, hints: LayoutHints = {}) => {
    const config = { ...{ d_in: 6, d_sae: 10, architecture: 'topk', k: 3 }, metadata: {}, sae_lens_version: '6.0.0' };
    const files = { ...saveSae(testSae()), 'cfg.json': new TextEncoder().encode(JSON.stringify(config)) };
    const { sae, notes } = await openSae(memoryFolder(files), {
      hints: { modelId, hookPoint, centred: true, ...hints },
    });
    const told = notes.filter(({ field }) => field === 'center_writing_weights');
    return [sae.config.centred, ...told.map(({ kind }) => kind)];
  };
  expect(await read('gpt2', 'blocks.8.hook_resid_pre')).toEqual([true, 'converted']);
  expect(await read('gpt2', 'blocks.8.mlp.hook_post')).toEqual([false]);
  expect(await read('google/gemma-2-2b', 'blocks.8.hook_resid_pre')).toEqual([true, 'converted', 'unknown']);
  const corrections = { centred: false };
  expect(await read('google/gemma-2-2b', 'blocks.8.hook_resid_pre', { corrections })).toEqual([false]);
});
