import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@monosema/api';
import { featurePath } from '@monosema/catalog';
import { DensityBadge, visibleToken } from '@monosema/ui';
import Link from 'next/link';
import { HighlightedText } from '../../components/highlighted-text.tsx';

type SearchHit = inferRouterOutputs<AppRouter>['search']['query']['hits'][number];
type SearchMatch = SearchHit['matches'][number];

const fieldNames: Record<SearchMatch['field'], string> = { label: 'labelled', token: 'fires on', logit: 'raises' };
const matchesShown = 6;

/** A feature that was found, and why. */
export function SearchHitRow({ hit }: { hit: SearchHit }) {
  const labelMatch = hit.matches.find(({ field }) => field === 'label');
  const others = hit.matches.filter((match) => match !== labelMatch).slice(0, matchesShown);
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
      {others.length > 0 && (
        <ul className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-sm">
          {others.map((match) => (
            <MatchItem key={`${match.field} ${match.text}`} match={match} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The label that matched, else the first label, else the tokens it fires on. */
function Title({ hit, labelMatch }: { hit: SearchHit; labelMatch: SearchMatch | undefined }) {
  if (labelMatch) return <HighlightedText text={labelMatch.text} ranges={labelMatch.ranges} />;
  return hit.labels[0] ?? `Feature ${hit.index}`;
}

function MatchItem({ match }: { match: SearchMatch }) {
  const { field, text, ranges, exact } = match;
  return (
    <li className="flex items-baseline gap-1.5">
      <span className="text-muted">
        {fieldNames[field]}
        {!exact && ' something like'}
      </span>
      {field === 'label' ? (
        <span>
          <HighlightedText text={text} ranges={ranges} />
        </span>
      ) : (
        <code className="bg-heat/55 rounded-sm px-1 font-mono text-[0.8125rem] whitespace-pre">
          {visibleToken(text)}
        </code>
      )}
    </li>
  );
}
