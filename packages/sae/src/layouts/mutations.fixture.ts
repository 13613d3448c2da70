import { readFileSync } from 'node:fs';
import type { Files } from '../checkpoint/sae-files.ts';
import { openSae } from '../pretrained/index.ts';
import { keyedRandom } from '../training/random.ts';
import { memoryFolder, partOf } from './folder.ts';
import type { LayoutHints } from './layout.ts';

interface Recorded {
  name: string;
  files: Record<string, string>;
  path?: string;
  hints?: LayoutHints;
}
const wrongValues = ['null', '-1', '0', '2.5', '1e99', '"x"', '[]', '{}', 'true'];

/**
 * Opens SAEs of other programs (src/fixtures/layouts.json) with a file cut short, some bytes changed, or a field of a
 * config replaced, and says which errors came of it, by name; "" for none.
 */
export async function openMutated(seed: number, times: number): Promise<Record<string, number>> {
  const { cases } = JSON.parse(readFileSync(new URL('../fixtures/layouts.json', import.meta.url), 'utf8')) as {
    cases: Recorded[];
  };
  const random = keyedRandom(seed, 'mutations');
  const below = (count: number): number => Math.floor((random() / 2 ** 32) * count);
  const outcomes: Record<string, number> = {};
  for (let time = 0; time < times; time++) {
    const { name, files, path = '', hints = {} } = cases[below(cases.length)]!;
    const bytes: Files = Object.fromEntries(
      Object.entries(files).map(([file, base64]) => [file, new Uint8Array(Buffer.from(base64, 'base64'))]),
    );
    const names = Object.keys(bytes);
    const file = names[below(names.length)]!;
    bytes[file] = mutate(file, bytes[file]!, below);
    const error = await openSae(partOf(memoryFolder(bytes, name), path), { hints }).then(
      () => '',
      (reason: unknown) => (reason instanceof Error ? reason.name : String(reason)),
    );
    outcomes[error] = (outcomes[error] ?? 0) + 1;
  }
  return outcomes;
}

function mutate(file: string, bytes: Uint8Array, below: (count: number) => number): Uint8Array {
  if (below(6) === 0) return bytes.subarray(0, below(bytes.length));
  if (file.endsWith('.json') && below(2) === 0) {
    const text = new TextDecoder().decode(bytes);
    const fields = [...text.matchAll(/"([^"]+)": ([^,}\]]+)/g)];
    const [whole, name] = fields[below(fields.length)] ?? [];
    const value = wrongValues[below(wrongValues.length)]!;
    return new TextEncoder().encode(whole === undefined ? '' : text.replace(whole, `"${name}": ${value}`));
  }
  for (let change = 0; change <= below(4); change++) bytes[below(bytes.length)] = below(256);
  return bytes;
}
