import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { mintId } from '../ids.ts';
import { adminClaims, passwords, sessions, users } from '../schema/index.ts';

export type UserRole = 'member' | 'admin';
/** What any part of the site may know of a person; never a hash. */
export interface User {
  id: string;
  name: string | null;
  email: string | null;
  image: string | null;
  role: UserRole;
}

const userColumns = { id: users.id, name: users.name, email: users.email, image: users.image, role: users.role };

/** Adds a person; null when the e-mail address has an account already. Addresses are kept in lower case. */
export async function insertUser(
  db: Db,
  { name, email, role = 'member' }: { name: string; email: string; role?: UserRole },
): Promise<User | null> {
  const rows = await db
    .insert(users)
    .values({ id: mintId('usr'), name, email: email.toLowerCase(), role })
    .onConflictDoNothing({ target: users.email })
    .returning(userColumns);
  return rows[0] ?? null;
}

export async function getUser(db: Db, id: string): Promise<User | null> {
  return (await db.select(userColumns).from(users).where(eq(users.id, id)))[0] ?? null;
}

/** A person and the hash of their password, for the sign-in and nothing else. */
export async function getCredentials(db: Db, email: string): Promise<{ user: User; hash: string } | null> {
  const rows = await db
    .select({ user: userColumns, hash: passwords.hash })
    .from(users)
    .innerJoin(passwords, eq(passwords.userId, users.id))
    .where(eq(users.email, email.toLowerCase()));
  return rows[0] ?? null;
}

export async function putPassword(db: Db, userId: string, hash: string): Promise<void> {
  await db.insert(passwords).values({ userId, hash }).onConflictDoUpdate({ target: passwords.userId, set: { hash } });
}

export async function countAdmins(db: Db): Promise<number> {
  return db.$count(users, eq(users.role, 'admin'));
}

export async function insertAdminClaim(db: Db, tokenHash: string): Promise<void> {
  await db.insert(adminClaims).values({ tokenHash });
}

/** Forgets the links that nobody used, so that only the newest works. */
export async function deleteUnusedAdminClaims(db: Db): Promise<void> {
  await db.delete(adminClaims).where(isNull(adminClaims.usedAt));
}

/** Uses a claim up. True for exactly one caller, whose transaction must make the admin. */
export async function useAdminClaim(tx: Db, tokenHash: string): Promise<boolean> {
  const rows = await tx
    .update(adminClaims)
    .set({ usedAt: sql`now()` })
    .where(and(eq(adminClaims.tokenHash, tokenHash), isNull(adminClaims.usedAt)))
    .returning({ usedAt: adminClaims.usedAt });
  return rows.length === 1;
}

/** True while a claim can still be used. */
export async function isAdminClaimOpen(db: Db, tokenHash: string): Promise<boolean> {
  const open = and(eq(adminClaims.tokenHash, tokenHash), isNull(adminClaims.usedAt));
  return (await db.$count(adminClaims, open)) > 0;
}

export async function insertSession(
  db: Db,
  session: { sessionToken: string; userId: string; expires: Date },
): Promise<void> {
  await db.insert(sessions).values(session);
}

export async function setUserRole(db: Db, userId: string, role: UserRole): Promise<void> {
  await db.update(users).set({ role }).where(eq(users.id, userId));
}
