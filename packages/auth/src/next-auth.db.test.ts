import NextAuth from 'next-auth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { signUp } from './index.ts';
import { authConfig } from './next-auth.ts';

const site = 'http://127.0.0.1:4000';
const person = { name: 'Ada', email: 'ada@example.org', password: 'analytical engine' };
let database: TestDatabase;
let handlers: ReturnType<typeof NextAuth>['handlers'];
beforeAll(async () => {
  database = await createTestDatabase();
  await signUp(database.orm, person);
  ({ handlers } = NextAuth(() =>
    authConfig({ db: database.orm, secret: 'a secret of at least thirty-two characters' }),
  ));
});
afterAll(() => database.drop());

/** A browser of one person: keeps cookies between requests. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async fetch(path: string, form?: Record<string, string>): Promise<Response> {
    const request = new Request(`${site}/api/auth/${path}`, {
      method: form ? 'POST' : 'GET',
      headers: {
        cookie: [...this.cookies].map((pair) => pair.join('=')).join('; '),
        host: '127.0.0.1:4000',
        'x-auth-return-redirect': '1',
      },
      ...(form && { body: new URLSearchParams(form) }),
    });
    const answer = form ? handlers.POST : handlers.GET;
    const response = await answer(request as Parameters<typeof answer>[0]);
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split(/=(.*)/s);
      this.cookies.set(name!, value!);
    }
    return response;
  }

  async signIn(password: string): Promise<Response> {
    const { csrfToken } = (await (await this.fetch('csrf')).json()) as { csrfToken: string };
    return this.fetch('callback/credentials', { csrfToken, email: person.email, password });
  }
}

test('a session is a row, and shows picked fields only', async () => {
  const browser = new Browser();
  await browser.signIn(person.password);
  const text = await (await browser.fetch('session')).text();
  const session = JSON.parse(text) as { user: Record<string, unknown>; expires: string };
  expect(Object.keys(session).sort()).toEqual(['expires', 'user']);
  expect(Object.keys(session.user).sort()).toEqual(['email', 'id', 'image', 'name', 'role']);
  expect(session.user).toMatchObject({ name: 'Ada', email: 'ada@example.org', role: 'member' });
  expect(text).not.toMatch(/argon2|password|sessionToken/i);
  expect(await database.sql`select count(*)::int as n from sessions`).toEqual([{ n: 1 }]);
});

test('a wrong password makes no session', async () => {
  const browser = new Browser();
  const response = await browser.signIn('something else');
  expect(((await response.json()) as { url: string }).url).toContain('error=CredentialsSignin');
  expect(await (await browser.fetch('session')).json()).toBeNull();
});

test('signing out ends the session in the database', async () => {
  const browser = new Browser();
  await browser.signIn(person.password);
  const before = await database.sql`select session_token from sessions`;
  const { csrfToken } = (await (await browser.fetch('csrf')).json()) as { csrfToken: string };
  await browser.fetch('signout', { csrfToken });
  expect(await database.sql`select session_token from sessions`).toHaveLength(before.length - 1);
  expect(await (await browser.fetch('session')).json()).toBeNull();
});
