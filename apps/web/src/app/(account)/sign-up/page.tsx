import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { currentUser } from '../../../server/user.ts';
import { signUpAction } from '../account-actions.ts';
import { AccountCard } from '../account-card.tsx';
import { AccountForm } from '../account-form.tsx';
import { returnPath } from '../return-path.ts';

export const metadata: Metadata = { title: 'Sign up' };

export default async function SignUpPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const next = returnPath((await searchParams).next);
  if (await currentUser()) redirect(next);
  return (
    <AccountCard title="Sign up" intro="The account lives on this server only; the address is never shown to others.">
      <AccountForm action={signUpAction} submitLabel="Make account" newAccount hidden={{ next }}>
        <p className="text-sm text-muted">
          Have one already?{' '}
          <Link className="link" href={`/sign-in?next=${encodeURIComponent(next)}`}>
            Sign in
          </Link>
        </p>
      </AccountForm>
    </AccountCard>
  );
}
