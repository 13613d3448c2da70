import type { Db } from '@monosema/db';
import { getCredentials, type User } from '@monosema/db/queries';
import type { AttemptLimit } from './attempt-limit.ts';
import { verifyPassword } from './password.ts';
import { signInSchema } from './sign-up.ts';

export type SignInOutcome = { kind: 'signed-in'; user: User } | { kind: 'wrong' } | { kind: 'too-many-attempts' };

/**
 * Checks an e-mail address and a password. An unknown address takes as long as a wrong password, and after too many
 * failures an address has to wait, whatever the password.
 */
export async function checkPassword(db: Db, input: unknown, attempts: AttemptLimit): Promise<SignInOutcome> {
  const parsed = signInSchema.safeParse(input);
  if (!parsed.success) return { kind: 'wrong' };
  const { email, password } = parsed.data;
  if (!attempts.begin(email)) return { kind: 'too-many-attempts' };
  const found = await getCredentials(db, email);
  if (!(await verifyPassword(found?.hash ?? null, password)) || !found) return { kind: 'wrong' };
  attempts.forget(email);
  return { kind: 'signed-in', user: found.user };
}
