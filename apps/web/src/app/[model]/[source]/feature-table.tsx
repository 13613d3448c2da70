import Link from 'next/link';
import type { TokenText } from '@monosema/api';
import { featurePath } from '@monosema/catalog';
import { DensityBadge, formatNumber, Token } from '@monosema/ui';
import { listViewHref, resorted, type ListView, type SortName } from './list-view.ts';

export interface FeatureTableRow {
  index: number;
  density: number;
  maximum: number;
  score: number;
  topTokens: TokenText[];
  topLogits: TokenText[];
  label: string | null;
}

interface FeatureTableProps {
  ids: { modelId: string; sourceId: string };
  view: ListView;
  rows: readonly FeatureTableRow[];
  /** Cursor of the page after this one; null on the last. */
  next: string | null;
}

/** A page of features; sorting and paging are links, so that every view has an address. */
export function FeatureTable({ ids, view, rows, next }: FeatureTableProps) {
  const column = { ids, view };
  return (
    <>
      <div className="card overflow-x-auto">
        <table className="data-table">
          <thead>
            <tr>
              <SortHeader {...column} by="index" name="#" />
              <th scope="col" className="whitespace-normal!">
                Label or top tokens
              </th>
              <th scope="col" className="hidden md:table-cell">
                Raises
              </th>
              <SortHeader {...column} by="density" name="Density" number />
              <SortHeader {...column} by="maximum" name="Max" number className="hidden sm:table-cell" />
              <SortHeader {...column} by="score" name="Score" number />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.index} ids={ids} row={row} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="text-muted p-4">No features on this page.</p>}
      </div>
      <Paging ids={ids} view={view} next={next} />
    </>
  );
}

function Row({ ids, row }: { ids: FeatureTableProps['ids']; row: FeatureTableRow }) {
  const href = featurePath({ ...ids, index: row.index });
  return (
    <tr>
      <td className="number">
        <Link href={href} prefetch={false} className="link font-mono">
          {row.index}
        </Link>
      </td>
      <td>
        {row.label ? (
          <Link href={href} prefetch={false} className="font-medium hover:underline">
            {row.label}
          </Link>
        ) : (
          <Tokens tokens={row.topTokens} />
        )}
      </td>
      <td className="hidden md:table-cell">
        <Tokens tokens={row.topLogits.slice(0, 4)} />
      </td>
      <td className="number">
        <DensityBadge density={row.density} />
      </td>
      <td className="number hidden sm:table-cell">{formatNumber(row.maximum)}</td>
      <td className="number">{row.score.toFixed(2)}</td>
    </tr>
  );
}

function Tokens({ tokens }: { tokens: readonly TokenText[] }) {
  if (tokens.length === 0) return <span className="text-muted">never fires</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {tokens.map(({ id, text }) => (
        <span key={id} className="bg-surface-sunken rounded px-1">
          <Token text={text} />
        </span>
      ))}
    </span>
  );
}

interface SortHeaderProps {
  ids: FeatureTableProps['ids'];
  view: ListView;
  by: SortName;
  name: string;
  number?: boolean;
  className?: string;
}

function SortHeader({ ids, view, by, name, number = false, className = '' }: SortHeaderProps) {
  const active = view.sort === by;
  const direction = view.order === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" aria-sort={active ? direction : undefined} className={`${number ? 'number' : ''} ${className}`}>
      <Link
        href={listViewHref(ids, resorted(view, by))}
        scroll={false}
        className={active ? 'text-ink' : 'hover:text-ink'}
      >
        {name}
        <span aria-hidden="true" className="inline-block w-4 text-center">
          {active ? (view.order === 'asc' ? '↑' : '↓') : ''}
        </span>
      </Link>
    </th>
  );
}

function Paging({ ids, view, next }: Omit<FeatureTableProps, 'rows'>) {
  const { cursor, ...first } = view;
  return (
    <nav aria-label="Pages of features" className="mt-3 flex flex-wrap items-center gap-2 text-sm">
      {cursor && (
        <Link href={listViewHref(ids, first)} className="button text-sm" data-shortcut="previous">
          First page
        </Link>
      )}
      {next && (
        <Link href={listViewHref(ids, { ...view, cursor: next })} className="button text-sm" data-shortcut="next">
          Next page →
        </Link>
      )}
      <Link href={listViewHref(ids, { ...first, liveOnly: !view.liveOnly })} scroll={false} className="link ml-auto">
        {view.liveOnly ? 'Show dead features too' : 'Hide dead features'}
      </Link>
    </nav>
  );
}
