import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@monosema/api';
import { featurePath } from '@monosema/catalog';
import { DensityBadge, visibleToken } from '@monosema/ui';
import Link from 'next/link';
import { HighlightedText } from '../../components/highlighted-text.tsx';

type SearchHit = inferRouterOutputs<AppRouter>['search']['query']['hits'][number];
type SearchMatch = SearchHit['matches'][number];

const fieldNames: Record<SearchMatch['field'], string> = { label: 'labelled', token: 'fires on', logit: 'raises' };
const fields = ['label', 'token', 'logit'] as const;
const matchesShown = 4;

/** A feature that was found, and why. */
export function SearchHitRow({ hit }: { hit: SearchHit }) {
  const labelMatch = hit.matches.find(({ field }) => field === 'label');
  return (
    <li className="hover:bg-surface-sunken/60 relative px-4 py-2.5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <Link href={featurePath(hit)} prefetch={false} className="font-medium after:absolute after:inset-0">
          <Title hit={hit} labelMatch={labelMatch} />
        </Link>
        <span className="text-muted font-mono text-[0.8125rem]">{featurePath(hit).slice(1)}</span>
        <span className="ml-auto flex items-baseline gap-2 text-sm">
          <DensityBadge density={hit.density} />
          <span className="text-muted" title="How specific it looks, 0 to 1">
            score {hit.score.toFixed(2)}
          </span>
        </span>
      </div>
      <ul className="flex flex-wrap gap-x-4 text-sm">
        {fields.map((field) => (
          <FieldMatches
            key={field}
            field={field}
            matches={hit.matches.filter((match) => match.field === field && match !== labelMatch)}
          />
        ))}
      </ul>
    </li>
  );
}

/** The label that matched, else the first label, else the tokens it fires on. */
function Title({ hit, labelMatch }: { hit: SearchHit; labelMatch: SearchMatch | undefined }) {
  if (labelMatch) return <HighlightedText text={labelMatch.text} ranges={labelMatch.ranges} />;
  return hit.labels[0] ?? `Feature ${hit.index}`;
}

/** What matched in one field; "≈" where a typing error was forgiven. */
function FieldMatches({ field, matches }: { field: SearchMatch['field']; matches: readonly SearchMatch[] }) {
  if (matches.length === 0) return null;
  return (
    <li className="mt-1 flex min-w-0 flex-wrap items-baseline gap-1.5">
      <span className="text-muted">{fieldNames[field]}</span>
      {matches.slice(0, matchesShown).map(({ text, ranges, exact }) =>
        field === 'label' ? (
          <span key={text}>
            <HighlightedText text={text} ranges={ranges} />
          </span>
        ) : (
          <code
            key={text}
            className="bg-heat/45 rounded-sm px-1 font-mono text-[0.8125rem] whitespace-pre"
            title={exact ? undefined : 'Much like what was typed'}
          >
            {!exact && '≈'}
            {visibleToken(text)}
          </code>
        ),
      )}
    </li>
  );
}
