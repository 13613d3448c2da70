import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Db } from '@monosema/db';
import {
  countAdmins,
  deleteUnusedAdminClaims,
  getCredentials,
  insertAdminClaim,
  insertUser,
  isAdminClaimOpen,
  putPassword,
  setUserRole,
  useAdminClaim,
  type User,
} from '@monosema/db/queries';
import { hashPassword, verifyPassword } from './password.ts';
import { accountIssues, signUpSchema, type AccountIssue } from './sign-up.ts';

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whether anybody is an admin yet. */
export const hasAdmin = async (db: Db): Promise<boolean> => (await countAdmins(db)) > 0;

/**
 * A token that makes one admin account, once. Only its hash is kept, and older tokens that nobody used stop working.
 *
 * @example console.log(`${url}/claim/${await createAdminClaim(db)}`);
 */
export async function createAdminClaim(db: Db): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await db.transaction(async (tx) => {
    await deleteUnusedAdminClaims(tx);
    await insertAdminClaim(tx, hashOf(token));
  });
  return token;
}

/** Whether a link still works, for the page behind it. */
export const isClaimOpen = (db: Db, token: string): Promise<boolean> => isAdminClaimOpen(db, hashOf(token));

export const claimAdminSchema = signUpSchema;

export type ClaimOutcome =
  | { ok: true; user: User }
  | { ok: false; reason: 'used-or-unknown' }
  | { ok: false; reason: 'issues'; issues: AccountIssue[] };

/** Rolls the transaction back, so that the link still works. */
class Refused extends Error {}

/**
 * Uses a claim up and makes its admin: a new account, or the one that has this e-mail address, when the password is its.
 * Of two redemptions at once exactly one succeeds; one that fails on a field leaves the link as it was.
 */
export async function redeemAdminClaim(
  db: Db,
  token: string,
  input: z.input<typeof claimAdminSchema>,
): Promise<ClaimOutcome> {
  const parsed = claimAdminSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'issues', issues: accountIssues(parsed.error) };
  const passwordHash = await hashPassword(parsed.data.password);
  try {
    return await db.transaction(async (tx) => {
      if (!(await useAdminClaim(tx, hashOf(token)))) return { ok: false, reason: 'used-or-unknown' };
      const user = await makeAdmin(tx, { ...parsed.data, passwordHash });
      if (!user) throw new Refused();
      return { ok: true, user };
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const message = 'has an account already: give its password here to make it the admin';
    return { ok: false, reason: 'issues', issues: [{ path: 'email', message }] };
  }
}

async function makeAdmin(
  tx: Db,
  { name, email, password, passwordHash }: { name: string; email: string; password: string; passwordHash: string },
): Promise<User | null> {
  const made = await insertUser(tx, { name, email, role: 'admin' });
  if (made) {
    await putPassword(tx, made.id, passwordHash);
    return made;
  }
  const known = await getCredentials(tx, email);
  if (!known || !(await verifyPassword(known.hash, password))) return null;
  await setUserRole(tx, known.user.id, 'admin');
  return { ...known.user, role: 'admin' };
}
