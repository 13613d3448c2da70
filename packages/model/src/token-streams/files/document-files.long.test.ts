import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataSetFolder } from '@monosema/hub';
import { expect, test } from 'vitest';
import { permutation } from '../permutation.ts';
import { documentFiles } from './document-files.ts';

test.each(['stories-snappy.parquet', 'stories-none.parquet', 'stories-stream.arrow', 'stories-file.arrow'])(
  '1000 mutations of %s: only errors that name the file',
  async (name) => {
    const whole = await readFile(new URL(`../../../fixtures/token-streams/${name}`, import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), 'monosema-mutations-'));
    for (let i = 0; i < 1000; i++) {
      const bytes = Buffer.from(whole);
      const [changes, ...places] = permutation(bytes.length, [i]);
      for (const at of places.slice(0, 1 + (changes! % 8)))
        bytes[at] = i % 3 === 0 ? 0xff : bytes[at]! ^ (1 << (at % 8));
      const path = join(folder, name);
      await writeFile(path, i % 5 === 0 ? bytes.subarray(0, places[0]) : bytes);
      await readAll(path, i % 2 === 0 ? 'text' : 'input_ids').catch((error: unknown) => {
        expect(error, `${name}, mutation ${i}`).toMatchObject({ name: 'DocumentError' });
      });
    }
    await rm(folder, { recursive: true });
  },
  600_000,
);

async function readAll(path: string, column: string): Promise<void> {
  const [file] = documentFiles((await openDataSetFolder(path)).files, { column });
  const open = await file!.open();
  try {
    for (let part = 0; part < open.parts; part++)
      for await (const { next } of open.read(part, 0)) expect(next).toBeGreaterThan(0);
  } finally {
    await open.close();
  }
}
