/**
 * Writes an SAE of every architecture for scripts/check-in-saelens.py, which reads them with the real sae-lens:
 *
 *     npx tsx packages/sae/scripts/write-examples.ts examples
 *     venv/bin/python packages/sae/scripts/check-in-saelens.py examples
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveSae } from '../src/checkpoint/sae-files.ts';
import { exampleInput, examples } from '../src/fixtures/examples.fixture.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to write to');
const list = [];
for (const [i, { name, sae, training, heads }] of examples().entries()) {
  const path = join(folder, String(i));
  await mkdir(path, { recursive: true });
  for (const [file, bytes] of Object.entries(saveSae(sae))) await writeFile(join(path, file), bytes);
  list.push({ name, folder: String(i), training, heads: heads ?? null, centred: sae.config.centred });
}
const { dIn } = examples()[0]!.sae.config;
await writeFile(join(folder, 'examples.json'), JSON.stringify({ dIn, x: Array.from(exampleInput), examples: list }));
console.log(`wrote ${list.length} SAEs to ${folder}`);
