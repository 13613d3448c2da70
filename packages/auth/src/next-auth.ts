import { randomBytes } from 'node:crypto';
import { DrizzleAdapter } from '@auth/drizzle-adapter';
import { CredentialsSignin, type NextAuthConfig } from 'next-auth';
import { encode } from 'next-auth/jwt';
import Credentials from 'next-auth/providers/credentials';
import { mintId, type Db } from '@monosema/db';
import { insertSession } from '@monosema/db/queries';
import { accounts, sessions, users, verificationTokens } from '@monosema/db/schema';
import { AttemptLimit } from './attempt-limit.ts';
import { checkPassword } from './sign-in.ts';

const sessionSeconds = 30 * 24 * 3600;

/** What everybody sees of a session, at /api/auth/session too. */
export interface SessionUser {
  id: string;
  name: string | null;
  email: string | null;
  image: string | null;
  role: 'member' | 'admin';
}

class TooManyAttempts extends CredentialsSignin {
  override code = 'too-many-attempts';
}

/** One for the process, however often a configuration is made. */
const attempts = new AttemptLimit();

/**
 * next-auth's configuration for local accounts with sessions in the database. Give it to NextAuth as a function, so
 * that a build needs no database.
 *
 * @param options.secret AUTH_SECRET, at least 32 characters
 * @example export const { handlers, auth, signIn, signOut } = NextAuth(() => authConfig({ db: database.orm, secret }));
 */
export function authConfig({ db, secret }: { db: Db; secret: string }): NextAuthConfig {
  return {
    adapter: adapterOf(db),
    secret,
    trustHost: true,
    logger: { error: logUnlessRefused },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    // With an adapter sessions are in the database; to name the strategy here trips a check made for credentials.
    session: { maxAge: sessionSeconds },
    providers: [
      Credentials({
        credentials: { email: {}, password: { type: 'password' } },
        authorize: async (input) => {
          const outcome = await checkPassword(db, input, attempts);
          if (outcome.kind === 'too-many-attempts') throw new TooManyAttempts();
          return outcome.kind === 'signed-in' ? outcome.user : null;
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, account }) => (account?.provider === 'credentials' ? { ...token, credentials: true } : token),
      // `user` is the whole row: whatever is returned here is public, so fields are picked.
      session: ({ session, user }) => ({ expires: session.expires, user: publicUser(user) }),
    },
    jwt: {
      // next-auth makes a JWT for credentials whatever the strategy: a row takes its place, and its token goes into the cookie.
      encode: async (parameters) => {
        const { token } = parameters;
        if (!token?.credentials || !token.sub) return encode(parameters);
        const sessionToken = randomBytes(32).toString('base64url');
        await insertSession(db, {
          sessionToken,
          userId: token.sub,
          expires: new Date(Date.now() + sessionSeconds * 1000),
        });
        return sessionToken;
      },
    },
  };
}

/** A wrong password is an answer, not an error of the site. */
function logUnlessRefused(error: Error): void {
  if (!(error instanceof CredentialsSignin)) console.error('auth:', error);
}

function adapterOf(db: Db): NonNullable<NextAuthConfig['adapter']> {
  const adapter = DrizzleAdapter(db, {
    usersTable: users,
    accountsTable: accounts,
    sessionsTable: sessions,
    verificationTokensTable: verificationTokens,
  });
  return {
    ...adapter,
    createUser: (user) => adapter.createUser!({ ...user, id: mintId('usr'), email: user.email.toLowerCase() }),
  };
}

const publicUser = (user: Partial<SessionUser> & { id: string }): SessionUser => ({
  id: user.id,
  name: user.name ?? null,
  email: user.email ?? null,
  image: user.image ?? null,
  role: user.role ?? 'member',
});
