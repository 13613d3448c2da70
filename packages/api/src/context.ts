import type { Db } from '@monosema/db';
import type { User } from '@monosema/db/queries';
import type { Queue } from '@monosema/jobs';
import type { Search } from '@monosema/search';
import type { RunFeed } from './run-feed.ts';
import type { VocabularyCache } from './vocabulary-cache.ts';

/** The signed-in person, as procedures and pages see them. */
export type SessionUser = User;

/** What every procedure works with. */
export interface ApiContext {
  db: Db;
  search: Search;
  /** Connects at its first use: most processes never launch anything. */
  queue: () => Promise<Pick<Queue, 'send'>>;
  runFeed: RunFeed;
  vocabularies: VocabularyCache;
  user: SessionUser | null;
}
