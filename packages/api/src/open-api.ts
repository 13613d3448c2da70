import { connect, type Database } from '@monosema/db';
import { listRuns, runsChannel } from '@monosema/db/queries';
import { openQueue, type Queue } from '@monosema/jobs';
import { openSearch } from '@monosema/search';
import type { ApiContext, SessionUser } from './context.ts';
import { RunFeed } from './run-feed.ts';
import { VocabularyCache } from './vocabulary-cache.ts';

/** Everything that the procedures need, opened once per process. */
export interface Api {
  /** For what must share the pool: the session store of the sign-in. */
  readonly db: Database['orm'];
  /** The context of one request. */
  contextFor(user: SessionUser | null): ApiContext;
  /** Resolves when the database answers and has its tables, else throws. */
  ping(): Promise<void>;
  /** Ends every open subscription, so that a web server that waits for its answers can stop. */
  endStreams(): void;
  close(): Promise<void>;
}

/**
 * Opens the api on a Postgres. Nothing connects before it is needed, so that this never waits or throws.
 *
 * @example
 * const api = openApi({ databaseUrl: 'postgres://monosema@127.0.0.1:5432/monosema' });
 * const models = await createCaller(api.contextFor(null)).model.list();
 */
export function openApi({ databaseUrl }: { databaseUrl: string }): Api {
  const database = connect(databaseUrl);
  const db = database.orm;
  const search = openSearch(db);
  const vocabularies = new VocabularyCache(db);
  const runFeed = new RunFeed((onRun) => database.sql.listen(runsChannel, onRun, () => onRun(null)));
  const queue = openOnce(() =>
    openQueue(databaseUrl, { role: 'send', onError: (error) => console.error('queue:', error) }),
  );
  return {
    db,
    contextFor: (user) => ({ db, search, vocabularies, runFeed, queue: queue.get, user }),
    ping: async () => {
      await listRuns(db, { limit: 1 });
    },
    endStreams: () => runFeed.end(),
    close: async () => {
      await Promise.all([runFeed.close(), queue.close()]);
      await database.close();
    },
  };
}

/** Opens a queue at its first use; after a failure the next use tries again. */
function openOnce(open: () => Promise<Queue>): { get: () => Promise<Queue>; close: () => Promise<void> } {
  let opening: Promise<Queue> | null = null;
  const get = (): Promise<Queue> => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return { get, close: async () => (await opening?.catch(() => null))?.close() };
}
