import { signUp } from '@monosema/auth';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import type { SessionUser } from './context.ts';
import { openApi, type Api } from './open-api.ts';
import { createCaller } from './router.ts';

/** The api on a database of a test file's own. */
export interface TestApi {
  database: TestDatabase;
  api: Api;
  /** Procedures as this person, or as nobody. */
  as(user: SessionUser | null): ReturnType<typeof createCaller>;
  member(name: string): Promise<SessionUser>;
  drop(): Promise<void>;
}

export async function createTestApi(): Promise<TestApi> {
  const database = await createTestDatabase();
  const api = openApi({ databaseUrl: database.url });
  return {
    database,
    api,
    as: (user) => createCaller(api.contextFor(user)),
    member: async (name) => {
      const made = await signUp(database.orm, { name, email: `${name}@example.org`, password: 'a long password' });
      if (!made.ok) throw new Error(JSON.stringify(made.issues));
      return made.user;
    },
    drop: async () => {
      await api.close();
      await database.drop();
    },
  };
}
