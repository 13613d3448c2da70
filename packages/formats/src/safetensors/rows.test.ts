import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesSource, createSafetensors, openSafetensors, writeSafetensors } from '../index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const x = Float32Array.from({ length: 24 }, (_, i) => i / 3);
const ids = Int32Array.of(5, 6, 7, 8);
const half = Float32Array.of(1 / 3, 2, 3, 4);

test('a file written in pieces, in any order, is the file written at once', async () => {
  const path = join(folder, 'x.safetensors');
  const handle = await open(path, 'w');
  const writer = await createSafetensors(
    handle,
    {
      half: { dtype: 'F16', shape: [4, 1] },
      x: { dtype: 'F32', shape: [4, 3, 2] },
      ids: { dtype: 'I32', shape: [4] },
    },
    { made: 'here' },
  );
  await writer.writeRows('x', 3, x.subarray(18));
  await writer.writeRows('half', 0, half);
  await writer.writeRows('x', 0, x.subarray(0, 18));
  await writer.writeRows('ids', 2, ids.subarray(2));
  await writer.writeRows('ids', 0, ids.subarray(0, 2));
  await expect(writer.writeRows('x', 4, x.subarray(0, 6))).rejects.toThrow('6 numbers from row 4 on do not fit');
  await expect(writer.writeRows('x', 0, x.subarray(0, 5))).rejects.toThrow('do not fit tensor "x" of shape [4, 3, 2]');
  await expect(writer.writeRows('y', 0, x)).rejects.toThrow('no tensor "y"');
  await handle.close();
  const whole = writeSafetensors(
    { x: { data: x, shape: [4, 3, 2] }, ids: { data: ids, shape: [4] }, half: { data: half, shape: [4, 1] } },
    { made: 'here' },
    { dtypes: { half: 'F16' } },
  );
  expect(await readFile(path)).toEqual(Buffer.from(whole));
  expect(writer.fileBytes).toBe(whole.length);
});

test('rows of a tensor are read alone', async () => {
  const file = await openSafetensors(
    bytesSource(
      writeSafetensors(
        { x: { data: x, shape: [4, 3, 2] }, half: { data: half, shape: [4] } },
        {},
        { dtypes: { half: 'BF16' } },
      ),
    ),
  );
  expect(await file.readRows('x', 1, 3)).toEqual({ data: x.slice(6, 18), shape: [2, 3, 2] });
  expect((await file.readRows('half', 1, 4)).data).toEqual(half.slice(1));
  expect((await file.readRows('x', 2, 2)).data).toHaveLength(0);
  await expect(file.readRows('x', 3, 5)).rejects.toThrow('tensor "x" has 4 rows, but 3 to 5 were asked for');
});
