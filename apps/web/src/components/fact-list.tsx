import type { ReactNode } from 'react';

export interface Fact {
  name: string;
  /** Null is "not known", and is said so. */
  value: ReactNode;
  /** What the name means, in one short sentence. */
  meaning?: string;
}

/** Names and values in two columns: provenance, settings. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1.5 text-sm">
      {facts.map(({ name, value, meaning }) => (
        <div key={name} className="contents">
          <dt className="text-muted" title={meaning}>
            {name}
          </dt>
          <dd className="min-w-0 break-words">{value ?? <span className="text-muted">not recorded</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
