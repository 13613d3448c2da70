'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../../../trpc/client.tsx';

/** Cancels after a second press, since what has been computed is lost. */
export function CancelButton({ runId, requested }: { runId: string; requested: boolean }) {
  const [asked, setAsked] = useState(false);
  const cancel = useMutation(useTRPC().run.cancel.mutationOptions());
  if (requested || cancel.isPending || cancel.isSuccess) return <span className="text-muted">Cancelling…</span>;
  if (!asked)
    return (
      <button type="button" className="button" onClick={() => setAsked(true)}>
        Cancel run
      </button>
    );
  return (
    <span role="group" aria-label="Cancel this run?" className="flex items-center gap-2">
      {cancel.error && (
        <span role="alert" className="text-sm text-danger">
          {cancel.error.message}
        </span>
      )}
      <button type="button" className="button text-danger" autoFocus onClick={() => cancel.mutate({ runId })}>
        Really cancel
      </button>
      <button type="button" className="button" onClick={() => setAsked(false)}>
        Keep running
      </button>
    </span>
  );
}
