import 'server-only';
import { connection } from 'next/server';
import { cache } from 'react';
import type { SessionUser } from '@monosema/auth/next-auth';
import { auth } from './auth.ts';

/**
 * Who is signed in, or null; one look-up per request. A page that asks is rendered for each request anew.
 *
 * @example const user = await currentUser();
 */
export const currentUser = cache(async (): Promise<SessionUser | null> => {
  await connection();
  const session = await auth();
  return (session?.user as SessionUser | undefined) ?? null;
});
