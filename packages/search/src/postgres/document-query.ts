import { and, eq, sql, type SQL } from 'drizzle-orm';
import { searchDocuments } from '@monosema/db/schema';
import type { SearchField } from '../search.ts';
import type { Closeness } from '../closeness.ts';
import type { Variants } from './dictionary.ts';

/** Where each field's words lie. */
const fieldColumns = {
  label: searchDocuments.labelWords,
  token: searchDocuments.topTokens,
  logit: searchDocuments.topLogits,
} as const satisfies Record<SearchField, unknown>;

/**
 * The order of matches, best first. A label whose word begins as typed counts as much as the word itself: labels are
 * prose, and "dogs" answers "dog". Tokens are what they are.
 */
const ranking: readonly [SearchField, Closeness][] = [
  ['label', 0],
  ['label', 1],
  ['token', 0],
  ['logit', 0],
  ['token', 1],
  ['logit', 1],
  ['label', 2],
  ['token', 2],
  ['logit', 2],
  ['label', 3],
  ['token', 3],
  ['logit', 3],
];

/** Conditions and order of a query whose terms mean these words. */
export function documentQuery(
  variants: readonly Variants[],
  place: { modelId?: string; sourceId?: string },
): { where: SQL | undefined; rank: SQL<number> } {
  const anywhere = variants.map((words) => {
    const all = wordsWithin(words, 3);
    return sql`(${fieldColumns.label} && ${all} or ${fieldColumns.token} && ${all} or ${fieldColumns.logit} && ${all})`;
  });
  const where = and(
    place.modelId === undefined ? undefined : eq(searchDocuments.modelId, place.modelId),
    place.sourceId === undefined ? undefined : eq(searchDocuments.sourceId, place.sourceId),
    ...anywhere,
  );
  const cases = ranking.flatMap(([field, distance], rank) => {
    // A distance at which no term gains a word tells nothing new.
    if (!variants.some((words) => [...words.values()].includes(distance))) return [];
    const all = variants.map((words) => sql`${fieldColumns[field]} && ${wordsWithin(words, distance)}`);
    return [sql`when ${and(...all)} then ${sql.raw(String(rank))}`];
  });
  // What matches with one word here and another there comes last.
  return { where, rank: sql<number>`case ${sql.join(cases, sql` `)} else ${sql.raw(String(ranking.length))} end` };
}

const wordsWithin = (words: Variants, distance: Closeness): SQL =>
  sql`${sql.param([...words].filter(([, found]) => found <= distance).map(([word]) => word))}::text[]`;
