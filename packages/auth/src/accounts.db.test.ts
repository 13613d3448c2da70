import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import {
  AttemptLimit,
  checkPassword,
  createAdminClaim,
  hasAdmin,
  isClaimOpen,
  redeemAdminClaim,
  signUp,
} from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const account = (name: string) => ({ name, email: `${name}@example.org`, password: `the password of ${name}` });

test('an account is made once per e-mail address, whatever its case', async () => {
  const made = await signUp(database.orm, { ...account('ada'), email: ' Ada@Example.org ' });
  expect(made).toMatchObject({ ok: true, user: { name: 'ada', email: 'ada@example.org', role: 'member' } });
  expect(made.ok && made.user.id).toMatch(/^usr_/);
  const again = await signUp(database.orm, account('ada'));
  expect(again).toEqual({ ok: false, issues: [{ path: 'email', message: 'has an account already; sign in instead' }] });
});

test('of two sign-ups at once one gets the address', async () => {
  const outcomes = await Promise.all([signUp(database.orm, account('twin')), signUp(database.orm, account('twin'))]);
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
});

test.each([
  ['name', { ...account('x'), name: '  ' }],
  ['email', { ...account('x'), email: 'nobody' }],
  ['password', { ...account('x'), password: 'too short' }],
])('a wrong %s is told by field', async (path, input) => {
  expect(await signUp(database.orm, input)).toMatchObject({ ok: false, issues: [{ path }] });
});

test('a password signs in; wrong and unknown look alike; too many failures have to wait', async () => {
  const user = account('grace');
  await signUp(database.orm, user);
  const attempts = new AttemptLimit({ most: 3, windowMs: 1000, keys: 10 }, () => 0);
  const kind = async (password: string, email = user.email) =>
    (await checkPassword(database.orm, { email, password }, attempts)).kind;
  expect(await kind(user.password)).toBe('signed-in');
  expect(await kind('wrong', 'nobody@example.org')).toBe('wrong');
  expect([await kind('a'), await kind('b'), await kind('c'), await kind(user.password)]).toEqual([
    'wrong',
    'wrong',
    'wrong',
    'too-many-attempts',
  ]);
});

test('a claim makes exactly one admin, however many redeem it at once', async () => {
  expect(await hasAdmin(database.orm)).toBe(false);
  const token = await createAdminClaim(database.orm);
  expect(await isClaimOpen(database.orm, token)).toBe(true);
  const outcomes = await Promise.all(
    ['one', 'two', 'three'].map((name) => redeemAdminClaim(database.orm, token, account(name))),
  );
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  expect(outcomes.filter((outcome) => !outcome.ok)).toEqual(Array(2).fill({ ok: false, reason: 'used-or-unknown' }));
  expect(await database.sql`select count(*)::int as n from users where role = 'admin'`).toEqual([{ n: 1 }]);
  expect(await isClaimOpen(database.orm, token)).toBe(false);
});

test('a claim survives a refused form, and an account of that address needs its own password', async () => {
  await signUp(database.orm, account('member'));
  const token = await createAdminClaim(database.orm);
  const foreign = await redeemAdminClaim(database.orm, token, { ...account('member'), password: 'not the password' });
  expect(foreign).toMatchObject({ ok: false, reason: 'issues', issues: [{ path: 'email' }] });
  expect(await redeemAdminClaim(database.orm, token, account('member'))).toMatchObject({
    ok: true,
    user: { role: 'admin' },
  });
});

test('a newer link retires the older, and no token is stored', async () => {
  const older = await createAdminClaim(database.orm);
  const newer = await createAdminClaim(database.orm);
  expect([await isClaimOpen(database.orm, older), await isClaimOpen(database.orm, newer)]).toEqual([false, true]);
  const rows = await database.sql`select token_hash from admin_claims`;
  expect(JSON.stringify(rows)).not.toContain(newer);
});
