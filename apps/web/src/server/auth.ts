import 'server-only';
import NextAuth from 'next-auth';
import { authConfig } from '@monosema/auth/next-auth';
import { api } from './api.ts';
import { environment } from './env.ts';

/** next-auth over the accounts in the catalog; configured at the first request, so that the build needs no database. */
export const { handlers, auth, signIn, signOut } = NextAuth(() =>
  authConfig({ db: api().db, secret: environment().AUTH_SECRET }),
);
