import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricsRow } from '../metrics-row.fixture.ts';
import { writeExample } from './example.fixture.ts';
import { recordBytes } from './record-file.ts';
import synced from './synced.json' with { type: 'json' };
import { openWandbLog } from './wandb-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wandb-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// What arrived when wandb's own command sent the file: scripts/record-wandb.py.
test('an offline run is the file that `wandb sync` sent whole: config, every row, evaluation', async () => {
  const path = await writeExample(folder);
  expect(path.endsWith('wandb/offline-run-20231114_221320-abcd1234')).toBe(true);
  const file = await readFile(join(path, 'run-abcd1234.wandb'));
  expect(createHash('sha256').update(file).digest('hex')).toBe(synced.sha256);
  expect(synced).toMatchObject({
    run: { name: 'abcd1234', project: 'saes', displayName: 'k8', host: 'here' },
    config: { k: { value: 8 }, noteLength: 30_000 },
    rows: 301,
    steps: [25, 50, 75, 7500, 7501],
    first: { 'losses/mse_loss': 1 / 7, 'losses/raw_l1_loss': 2, 'metrics/l0': 8, _step: 25 },
    last: { 'evaluation/l0': 8.5, 'evaluation/ce_loss_score': 'NaN', _step: 7501 },
  });
});

/** Kinds and lengths of the fragments of bytes that begin at `position`. */
function fragmentsOf(bytes: Uint8Array, position: number): [kind: number, length: number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [number, number][] = [];
  for (let at = 0; at < bytes.length;) {
    const left = 32_768 - ((position + at) % 32_768);
    if (left < 7) at += left;
    else {
      found.push([bytes[at + 6]!, view.getUint16(at + 4, true)]);
      at += 7 + found.at(-1)![1];
    }
  }
  return found;
}

test('records are cut where blocks end, and no header is', () => {
  const record = new Uint8Array(70_000).fill(1);
  expect(fragmentsOf(recordBytes(record.subarray(0, 10), 7), 7)).toEqual([[1, 10]]);
  expect(fragmentsOf(recordBytes(record, 7), 7)).toEqual([
    [2, 32_754],
    [3, 32_761],
    [4, 4485],
  ]);
  const late = recordBytes(record.subarray(0, 10), 32_768 - 6); // six bytes are left: zeros
  expect([...late.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(fragmentsOf(late, 32_768 - 6)).toEqual([[1, 10]]);
  expect(fragmentsOf(recordBytes(record.subarray(0, 10), 32_768 - 7), 32_768 - 7)).toEqual([
    [2, 0],
    [4, 10],
  ]);
});

test('a training that goes on adds a file to the same run; ids that W&B refuses are refused', async () => {
  let seconds = 1_700_000_000;
  const open = (from: number) =>
    openWandbLog(join(folder, 'two'), { project: 'saes', runId: 'same', from, now: () => (seconds += 60) });
  for (const from of [0, 25]) {
    const log = await open(from);
    await log.metrics(metricsRow(from + 25));
    await log.close();
  }
  expect(await readdir(join(folder, 'two', 'wandb'))).toEqual([
    'offline-run-20231114_221420-same',
    'offline-run-20231114_221720-same',
  ]);
  await expect(openWandbLog(folder, { project: 'saes', runId: 'a/b' })).rejects.toThrow('runId is "a/b"');
});
