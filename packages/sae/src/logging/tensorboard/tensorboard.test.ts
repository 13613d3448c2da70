import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricsRow } from '../metrics-row.fixture.ts';
import { crc32c } from './crc32c.ts';
import { eventRecord, type EventContent } from './event.ts';
import golden from './golden.json' with { type: 'json' };
import { openTensorboardLog } from './tensorboard-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tensorboard-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type RecordedContent = 'version' | 'restart' | Record<string, number>;
const contentOf = (content: RecordedContent): EventContent =>
  typeof content === 'string' ? { kind: content } : { kind: 'scalars', scalars: content };

// Made by TensorBoard's own package: scripts/record-tensorboard.py.
test('events are the bytes that TensorBoard writes for them', () => {
  for (const { events, bytes } of golden.files) {
    const records = events.map(([seconds, step, content]) =>
      eventRecord(seconds as number, step as number, contentOf(content as RecordedContent)),
    );
    expect(Buffer.concat(records).toString('base64')).toBe(bytes);
  }
});

test('a training that goes on voids what was logged after its start, as TensorBoard read the files', () => {
  expect(golden.read['losses/mse_loss']).toEqual([
    [25, 0.5],
    [50, 0.25],
    [75, 0.125],
  ]);
});

test('CRC-32C of RFC 3720, B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

test('a log holds its metrics and its evaluation, and another file is begun when training goes on', async () => {
  const path = join(folder, 'run');
  const first = await openTensorboardLog(path, { now: () => 1.5 });
  await first.metrics(metricsRow(25));
  const [name] = await readdir(path);
  const version = eventRecord(1.5, 0, { kind: 'version' });
  const scalars = {
    ...{ 'losses/overall_loss': 1.5, 'losses/mse_loss': 1, 'losses/l1_loss': 0.5, 'losses/raw_l1_loss': 2 },
    ...{ 'metrics/l0': 8, 'metrics/explained_variance': 0.75, 'sparsity/dead_features': 3 },
    ...{ 'details/current_learning_rate': 0.001, 'details/n_training_samples': 2500 },
    ...{ 'details/tokens_per_second': 1000, 'details/sparsity_coefficient': 0.25 },
  };
  const rows = [eventRecord(1.5, 1, { kind: 'restart' }), eventRecord(1.5, 25, { kind: 'scalars', scalars })];
  expect(await readFile(join(path, name!))).toEqual(Buffer.concat([version, ...rows]));
  await first.close();

  const second = await openTensorboardLog(path, { from: 25, now: () => 2.5 });
  await second.close();
  const files = await readdir(path);
  expect(files).toHaveLength(2);
  const restart = eventRecord(2.5, 26, { kind: 'restart' });
  const written = await readFile(
    join(
      path,
      files.find((file) => file !== name)!,
    ),
  );
  expect(written.subarray(-restart.length)).toEqual(Buffer.from(restart));
});
