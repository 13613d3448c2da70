import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faults, recipes, type TestName } from './faults.fixture.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const root = new URL('../../../../', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, root), 'utf8');

test('all 40 faults and 20 recipes are listed', () => {
  expect(faults.map(({ number }) => number)).toEqual(numbers(40));
  expect(recipes.map(({ number }) => number)).toEqual(numbers(20));
});

const all = [
  ...faults.map((fault) => [`fault ${fault.number}`, fault] as const),
  ...recipes.map((recipe) => [`recipe ${recipe.number}`, recipe] as const),
];
test.each(all)('%s has a test, or a reason why it needs none', (_, { tests = [], why }) => {
  expect(tests.length + Number(why !== undefined)).toBeGreaterThan(0);
  for (const named of tests) expect(isThere(named), named.join(': ')).toBe(true);
});

/** Whether a string of the file begins with the title. */
const isThere = ([file, title]: TestName): boolean =>
  ["'", '`', '"'].some((quote) => text(file).includes(`${quote}${title}`));
