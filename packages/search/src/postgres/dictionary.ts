import { sql } from 'drizzle-orm';
import type { Db } from '@monosema/db';
import { searchWords } from '@monosema/db/schema';
import { closeness, type Closeness } from '../closeness.ts';

/** The words of the catalog that a term may mean, as they are written there, with how near each is. */
export type Variants = Map<string, Closeness>;

/** Words per term that are carried on, the nearest ones. */
const maximumVariants = 100;

/**
 * Looks the terms up in the dictionary: words that begin with a term, words with trigrams in common (word similarity
 * at least 0.4), and, since a short word with an error has hardly a trigram left, short words with the same first
 * letter. Which of these are near enough is decided by letters.
 */
export async function lookUp(db: Db, terms: readonly string[]): Promise<Variants[]> {
  const rows = await db.execute<{ term: string; word: string; folded: string }>(candidates(terms));
  return terms.map((term) => {
    const near = rows
      .filter((row) => row.term === term)
      .flatMap(({ word, folded }) => {
        const distance = closeness(term, folded);
        return distance === null ? [] : [{ word, distance, length: folded.length }];
      })
      .sort((a, b) => a.distance - b.distance || a.length - b.length)
      .slice(0, maximumVariants);
    return new Map(near.map(({ word, distance }) => [word, distance]));
  });
}

/** Above every text that begins with `start`, in code point order. */
const end = (start: ReturnType<typeof sql>) => sql`(${start} || chr(1114111))`;

const candidates = (terms: readonly string[]) => {
  const { word, folded } = searchWords;
  const term = sql`t.term`;
  const initial = sql`left(t.term, 1)`;
  return sql`
    select t.term, w.word, w.folded
    from unnest(${sql.param(terms)}::text[]) t(term)
    cross join lateral (
      (select ${word}, ${folded} from ${searchWords} where ${folded} = t.term)
      union
      (select ${word}, ${folded} from ${searchWords}
        where length(t.term) >= 3 and ${folded} ~>=~ ${term} and ${folded} ~<~ ${end(term)}
        order by length(${folded}) limit 200)
      union
      (select ${word}, ${folded} from ${searchWords} where ${term} <% ${folded}
        order by word_similarity(${term}, ${folded}) desc, length(${folded}) limit 200)
      union
      (select ${word}, ${folded} from ${searchWords}
        where length(t.term) between 3 and 5 and ${folded} ~>=~ ${initial} and ${folded} ~<~ ${end(initial)}
          and length(${folded}) between length(t.term) - 1 and length(t.term) + 1)
    ) w`;
};
