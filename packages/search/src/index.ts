import type { Db } from '@monosema/db';
import { PostgresSearch } from './postgres/postgres-search.ts';
import type { Search } from './search.ts';

export type { Search, SearchField, SearchHit, SearchMatch, SearchPage, SearchQuery } from './search.ts';

/**
 * The search of a catalog, on the Postgres that holds it.
 *
 * @example const { hits, total } = await openSearch(db).query({ text: 'golden gate' });
 */
export const openSearch = (db: Db): Search => new PostgresSearch(db);
