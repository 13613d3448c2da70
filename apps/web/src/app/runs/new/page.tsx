import type { Metadata } from 'next';
import Link from 'next/link';
import { serverCaller } from '../../../server/caller.ts';
import { currentUser } from '../../../server/user.ts';
import { LaunchForm } from './launch-form.tsx';

export const metadata: Metadata = { title: 'New run' };

export default async function NewRunPage({ searchParams }: { searchParams: Promise<{ model?: string | string[] }> }) {
  const { model } = await searchParams;
  return (
    <div className="mx-auto max-w-4xl space-y-6">
      <header>
        <h1>New training run</h1>
        <p className="text-muted">Trains an SAE on a model's activations and puts its features in the catalog.</p>
      </header>
      {(await currentUser()) ? <Form modelId={typeof model === 'string' ? model : undefined} /> : <SignInFirst />}
    </div>
  );
}

async function Form({ modelId }: { modelId?: string }) {
  const caller = await serverCaller();
  const [models, dataSets] = await Promise.all([caller.model.list(), caller.dataSet.list()]);
  if (models.length === 0 || dataSets.length === 0)
    return (
      <p className="card p-6">
        A run needs a model and a data set, and the catalog has none yet. Both appear once the server has finished its
        first start.
      </p>
    );
  return <LaunchForm models={models} dataSets={dataSets} modelId={modelId} />;
}

function SignInFirst() {
  return (
    <p className="card p-6">
      <Link className="link" href="/sign-in?next=/runs/new">
        Sign in
      </Link>{' '}
      to launch a run, or{' '}
      <Link className="link" href="/sign-up?next=/runs/new">
        make an account
      </Link>
      .
    </p>
  );
}
