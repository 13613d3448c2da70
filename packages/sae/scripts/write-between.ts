import { readFileSync, writeFileSync } from 'node:fs';

const page = new URL('../../../docs/saes.md', import.meta.url);

/** Replaces what stands in docs/saes.md between `<!-- title -->` and `<!-- end of title -->` (title up to its colon). */
export function writeBetween(title: string, text: string): void {
  const [begin, end] = [`<!-- ${title} -->`, `<!-- end of ${title.split(':')[0]!} -->`];
  const whole = readFileSync(page, 'utf8');
  const [before, rest] = whole.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/saes.md lacks the lines "${begin}" and "${end}"`);
  writeFileSync(page, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}

/** A difference in a table. */
export const scientific = (value: number): string =>
  value < 1e-9 ? '< 1e−9' : value.toExponential(0).replace('e-', 'e−');
