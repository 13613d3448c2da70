import type { Metadata } from 'next';
import Link from 'next/link';
import { serverCaller } from '../../../../server/caller.ts';
import { claimAdminAction } from '../../account-actions.ts';
import { AccountCard } from '../../account-card.tsx';
import { AccountForm } from '../../account-form.tsx';

/** The address is a secret: no other site is told of it. */
export const metadata: Metadata = {
  title: 'Make the admin account',
  referrer: 'no-referrer',
  robots: { index: false },
};

export default async function ClaimPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const { open } = await (await serverCaller()).account.claimStatus({ token });
  if (!open) return <UsedLink />;
  return (
    <AccountCard
      title="Make the admin account"
      intro="This link works once. Admins can cancel any run and hide any label."
    >
      <AccountForm
        action={claimAdminAction}
        submitLabel="Make admin account"
        newAccount
        hidden={{ token, next: '/' }}
      />
    </AccountCard>
  );
}

function UsedLink() {
  return (
    <AccountCard title="This link does not work any more" intro="A claim link makes one admin account, once.">
      <p>
        It was used already, replaced by a newer one, or cut short when it was copied. The server prints a new link when
        it starts without an admin.
      </p>
      <p className="mt-4">
        <Link className="button" href="/sign-in">
          Sign in
        </Link>
      </p>
    </AccountCard>
  );
}
