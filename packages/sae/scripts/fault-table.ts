/**
 * Prints which test covers each fault of other programs, and each golden recipe, as the tables of docs/saes.md; with
 * --write, puts them there.
 *
 *     npx tsx packages/sae/scripts/fault-table.ts [--write]
 */
import { faults, recipes, type TestName } from '../src/faults/faults.fixture.ts';
import { writeBetween } from './write-between.ts';

/** Files of tests by the name that the tables call them. */
const links = new Map<string, string>();
function testsOf(tests: readonly TestName[]): string {
  const files = [...new Set(tests.map(([file]) => file))];
  return files
    .map((file) => {
      const name = file
        .split('/')
        .at(-1)!
        .replace(/(\.db)?\.test\.ts$/, '');
      if ((links.get(name) ?? file) !== file) throw new Error(`two files are called ${name}`);
      links.set(name, file);
      return `[${name}]`;
    })
    .join(', ');
}
const covered = ({ tests = [], why }: { tests?: readonly TestName[]; why?: string }): string =>
  [testsOf(tests), why].filter(Boolean).join('. ');
const table = (head: string[], rows: (string | number)[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const faultTable = table(
  ['', 'issue', 'what went wrong', 'covered by'],
  faults.map((fault) => [fault.number, fault.issues, fault.what, covered(fault)]),
);
const recipeTable = table(
  ['', 'recipe', 'covered by'],
  recipes.map((recipe) => [recipe.number, recipe.what, covered(recipe)]),
);
const definitions = [...links]
  .sort()
  .map(([name, file]) => `[${name}]: ../${file}`)
  .join('\n');
console.log(`${faultTable}\n\n${recipeTable}

${definitions}`);
if (process.argv.includes('--write')) {
  writeBetween('fault table: packages/sae/scripts/fault-table.ts', faultTable);
  writeBetween(
    'recipe table: packages/sae/scripts/fault-table.ts',
    `${recipeTable}

${definitions}`,
  );
}
