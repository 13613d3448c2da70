// npm run bench -- exchange [features]: how fast a v1 export is read.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findImports, folderFiles, ImportVocabulary, readImport, type ImportRecord } from '../src/index.ts';
import { madeUpExport } from './made-up-export.ts';

const features = Number(process.argv[2] ?? 2048);

const cases: Record<string, () => (record: ImportRecord) => void> = {
  read: () => () => undefined,
  'read, tokens numbered': () => {
    const vocabulary = new ImportVocabulary();
    return (record) => void (record.kind === 'example' && vocabulary.idsOf(record.tokens));
  },
};

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const started = performance.now();
const folder = await madeUpExport(features);
const wrote = performance.now() - started;
try {
  const megabytes = (await sizeOf(folder)) / 2 ** 20;
  console.log(`${features} features, 45 examples of 127 tokens each: ${megabytes.toFixed(1)} MiB compressed\n`);
  console.log('case                      features/s   cpu s   MiB/s (compressed)   peak MiB');
  const row = (name: string, ms: number, cpu: number, peak: number): void =>
    console.log(
      `${name.padEnd(26)}${(features / (ms / 1000)).toFixed(0).padStart(10)}${cpu.toFixed(2).padStart(8)}${(megabytes / (ms / 1000)).toFixed(1).padStart(21)}${peak.toFixed(0).padStart(11)}`,
    );
  row('write', wrote, process.cpuUsage().user / 1e6, process.memoryUsage().rss / 2 ** 20);
  for (const [name, make] of Object.entries(cases)) {
    const take = make();
    const before = process.cpuUsage();
    const start = performance.now();
    let peak = 0;
    const files = await folderFiles(folder);
    for await (const plan of findImports(files))
      for await (const record of readImport(files, plan)) {
        take(record);
        if (record.kind === 'file') peak = Math.max(peak, process.memoryUsage().rss);
      }
    const { user, system } = process.cpuUsage(before);
    row(name, performance.now() - start, (user + system) / 1e6, peak / 2 ** 20);
  }
} finally {
  await rm(folder, { recursive: true });
}
