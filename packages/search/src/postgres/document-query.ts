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

const { modelId, sourceId, index, score } = searchDocuments;

/**
 * The features that match terms of these meanings, as (model_id, source_id, index, score, rank), each once: a query
 * per rank, each of which an index answers alone, so that no array is compared with another row by row.
 */
export function matchingFeatures(variants: readonly Variants[], place: { modelId?: string; sourceId?: string }): SQL {
  const here = and(
    place.modelId === undefined ? undefined : eq(modelId, place.modelId),
    place.sourceId === undefined ? undefined : eq(sourceId, place.sourceId),
  );
  const ranked = ranking.flatMap(([field, distance], rank) => {
    // A distance at which no term gains a word tells nothing new.
    if (!variants.some((words) => [...words.values()].includes(distance))) return [];
    const within = variants.map((words) => wordsWithin(words, distance));
    if (within.some((words) => words.length === 0)) return [];
    return [featuresWhere(and(here, ...within.map((words) => overlaps(field, words))), rank)];
  });
  // What matches with one word here and another there comes last.
  const scattered = variants.length > 1 ? [featuresWhere(and(here, ...variants.map(anywhere)), ranking.length)] : [];
  const union = sql.join([...ranked, ...scattered], sql` union all `);
  return sql`
    select model_id, source_id, "index", max(score) as score, min(rank) as rank
    from (${union}) hit group by model_id, source_id, "index"`;
}

const featuresWhere = (condition: SQL | undefined, rank: number): SQL =>
  sql`select ${modelId}, ${sourceId}, ${index}, ${score}, ${sql.raw(String(rank))} as rank
    from ${searchDocuments} where ${condition}`;

const wordsWithin = (words: Variants, distance: Closeness): string[] =>
  [...words].filter(([, found]) => found <= distance).map(([word]) => word);

const overlaps = (field: SearchField, words: string[]): SQL =>
  sql`${fieldColumns[field]} && ${sql.param(words)}::text[]`;

function anywhere(variants: Variants): SQL {
  const words = [...variants.keys()];
  return sql`(${overlaps('label', words)} or ${overlaps('token', words)} or ${overlaps('logit', words)})`;
}
