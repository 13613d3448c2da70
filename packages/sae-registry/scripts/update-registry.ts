/**
 * Makes data/registry.json from SAELens's list of published SAEs:
 *
 *   tsx packages/sae-registry/scripts/update-registry.ts PATH_OR_URL [FROM]
 *
 * FROM is what the file is called in data/registry.json, e.g. "sae-lens 6.54.12, sae_lens/pretrained_saes.yaml"; without
 * it, the URL or the file's name. The list is in the PyPI package sae-lens and in its repository (MIT licence).
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SaeRelease } from '../src/published-sae.ts';
import { packRelease } from '../src/registry-file.ts';
import { readSaelensYaml } from './saelens-yaml.ts';

/** The text of data/registry.json: one release a line. */
export function registryText(releases: readonly SaeRelease[], source: { from: string; sha256: string }): string {
  const lines = releases.map((release) => JSON.stringify(packRelease(release)));
  return `{"source":${JSON.stringify(source)},"releases":[\n${lines.join(',\n')}\n]}\n`;
}

async function readSource(where: string): Promise<Uint8Array> {
  if (!/^https?:/.test(where)) return readFile(where);
  const response = await fetch(where);
  if (!response.ok) throw new Error(`${where} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function update(where: string, from: string): Promise<void> {
  const bytes = await readSource(where);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const releases = readSaelensYaml(new TextDecoder().decode(bytes), (line) => console.warn(line));
  const text = registryText(releases, { from, sha256 });
  await writeFile(fileURLToPath(new URL('../data/registry.json', import.meta.url)), text);
  const count = releases.reduce((sum, { saes }) => sum + saes.length, 0);
  console.log(`${releases.length} releases, ${count} SAEs, ${Buffer.byteLength(text)} bytes`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [where, from] = process.argv.slice(2);
  if (!where) throw new Error('which file or URL?');
  await update(where, from ?? (/^https?:/.test(where) ? where : basename(where)));
}
