import type { TokenText } from '@monosema/api';
import { featurePath } from '@monosema/catalog';
import { DensityBadge, Token } from '@monosema/ui';
import Link from 'next/link';

interface FeatureCard {
  index: number;
  density: number;
  score: number;
  label: string | null;
  topTokens: TokenText[];
  topLogits: TokenText[];
}

/** Features as small cards: what they are called, fire on, and make likely. */
export function FeatureCards({
  ids,
  rows,
}: {
  ids: { modelId: string; sourceId: string };
  rows: readonly FeatureCard[];
}) {
  return (
    <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {rows.map((row) => (
        <li key={row.index} className="card hover:border-line-strong relative flex min-w-0 flex-col gap-2 p-3">
          <div className="flex items-baseline gap-2">
            <Link
              href={featurePath({ ...ids, index: row.index })}
              prefetch={false}
              className="min-w-0 truncate font-medium after:absolute after:inset-0"
            >
              {row.label ?? `Feature ${row.index}`}
            </Link>
            <span className="ml-auto shrink-0">
              <DensityBadge density={row.density} />
            </span>
          </div>
          <TokenLine name="fires on" tokens={row.topTokens} className="bg-heat/35" />
          <TokenLine name="raises" tokens={row.topLogits} className="bg-surface-sunken" />
        </li>
      ))}
    </ul>
  );
}

function TokenLine({ name, tokens, className }: { name: string; tokens: readonly TokenText[]; className: string }) {
  return (
    <p className="flex items-baseline gap-1 overflow-hidden text-sm whitespace-nowrap">
      <span className="text-muted w-14 shrink-0">{name}</span>
      {tokens.slice(0, 5).map(({ id, text }) => (
        <span key={id} className={`rounded px-1 ${className}`}>
          <Token text={text} />
        </span>
      ))}
    </p>
  );
}
