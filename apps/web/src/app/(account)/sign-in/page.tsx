import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { currentUser } from '../../../server/user.ts';
import { signInAction } from '../account-actions.ts';
import { AccountCard } from '../account-card.tsx';
import { AccountForm } from '../account-form.tsx';
import { returnPath } from '../return-path.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const next = returnPath((await searchParams).next);
  if (await currentUser()) redirect(next);
  return (
    <AccountCard title="Sign in" intro="To write labels, vote on them and launch runs.">
      <AccountForm action={signInAction} submitLabel="Sign in" newAccount={false} hidden={{ next }}>
        <p className="text-sm text-muted">
          No account yet?{' '}
          <Link className="link" href={`/sign-up?next=${encodeURIComponent(next)}`}>
            Sign up
          </Link>
        </p>
      </AccountForm>
    </AccountCard>
  );
}
