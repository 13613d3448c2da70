import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdminClaim } from '@monosema/auth';
import { TRPCError } from '@trpc/server';
import { fieldsOf } from './index.ts';
import { createTestApi, type TestApi } from './test-api.fixture.ts';

let t: TestApi;
beforeAll(async () => {
  t = await createTestApi();
});
afterAll(() => t.drop());

const account = { name: 'Ada', email: 'ada@example.org', password: 'analytical engine' };
const fieldsOfFailure = (ask: Promise<unknown>) =>
  ask.then(
    () => null,
    (error: unknown) => (error instanceof TRPCError ? fieldsOf(error) : error),
  );

test('sign-up tells every fault at its field', async () => {
  expect(await fieldsOfFailure(t.as(null).account.signUp({ name: '', email: 'ada', password: 'x' }))).toEqual({
    name: ['must not be empty'],
    email: ['must be an e-mail address'],
    password: ['must have at least 10 characters'],
  });
  expect(await t.as(null).account.signUp(account)).toMatchObject({ name: 'Ada', role: 'member' });
  expect(Object.keys((await fieldsOfFailure(t.as(null).account.signUp(account))) as object)).toEqual(['email']);
});

test('a one-time link makes one admin', async () => {
  const token = await createAdminClaim(t.database.orm);
  const caller = t.as(null);
  expect(await caller.account.claimStatus({ token })).toEqual({ open: true });
  const claim = { ...account, email: 'root@example.org', token };
  expect(await caller.account.claimAdmin(claim)).toMatchObject({ email: 'root@example.org', role: 'admin' });
  expect(await caller.account.claimStatus({ token })).toEqual({ open: false });
  await expect(caller.account.claimAdmin(claim)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
