'use client';

import Link from 'next/link';

/** What a page shows when the server failed at it; the digest finds the error in the server's log. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div role="alert" className="mx-auto max-w-xl py-10">
      <h1>This page could not be made</h1>
      <p className="text-muted mt-2 mb-5">
        The server ran into an error{error.digest && <>, in its log under {error.digest}</>}. Nothing was changed by
        looking.
      </p>
      <div className="flex gap-2">
        <button type="button" onClick={reset} className="button button-primary">
          Try again
        </button>
        <Link href="/" className="button">
          All models
        </Link>
      </div>
    </div>
  );
}
