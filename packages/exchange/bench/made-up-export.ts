import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findImports,
  folderFiles,
  readImport,
  writeExport,
  type ImportedExample,
  type ImportedFeature,
  type ImportRecord,
} from '../src/index.ts';

/** Of the dashboards of SAEDashboard: 45 examples of 127 tokens, as many as a feature of Neuronpedia has. */
const examplesPerFeature = 45;

/**
 * A v1 export of that many features, made of the four real ones in the fixtures: every example has its tokens turned by
 * another amount, so that no two are the same.
 *
 * @returns its folder, which is the caller's to remove
 */
export async function madeUpExport(features: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'monosema-exchange-bench-'));
  await writeExport(folder, made(await real(), features), { modelId: 'gpt2-small', sourceId: '0-res-jb' });
  return folder;
}

async function real(): Promise<{ features: ImportedFeature[]; examples: ImportedExample[] }> {
  const files = await folderFiles(fileURLToPath(new URL('../fixtures/saedashboard', import.meta.url)));
  const features: ImportedFeature[] = [];
  const examples: ImportedExample[] = [];
  for await (const plan of findImports(files))
    for await (const record of readImport(files, plan)) {
      if (record.kind === 'feature') features.push(record);
      if (record.kind === 'example') examples.push(record);
    }
  return { features, examples };
}

function* made({ features, examples }: Awaited<ReturnType<typeof real>>, count: number): Generator<ImportRecord> {
  for (let index = 0; index < count; index++) {
    yield { ...features[index % features.length]!, index };
    for (let k = 0; k < examplesPerFeature; k++) {
      const nth = index * examplesPerFeature + k;
      const example = examples[nth % examples.length]!;
      const by = Math.imul(nth, 2654435761) >>> 25;
      const tokens = example.tokens.map((_, i, all) => all[(i + by) % all.length]!);
      const values = example.values.map((_, i, all) => all[(i + by) % all.length]!);
      const position = values.indexOf(Math.max(...values));
      yield { ...example, index, tokens, values, position, qualifyingPosition: position };
    }
  }
}
