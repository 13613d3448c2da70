import type { ReactNode } from 'react';

/** The narrow card that every account page is. */
export function AccountCard({ title, intro, children }: { title: string; intro?: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto max-w-md space-y-5 py-6">
      <header>
        <h1>{title}</h1>
        {intro && <p className="text-muted">{intro}</p>}
      </header>
      <div className="card p-5">{children}</div>
    </div>
  );
}
