import type { Metadata } from 'next';
import { parseFeaturePath, featurePath } from '@monosema/catalog';
import { formatCount } from '@monosema/ui';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { serverCaller } from '../../server/caller.ts';
import { SearchForm } from './search-form.tsx';
import { SearchHitRow } from './search-hit-row.tsx';
import { pageSize, readSearchView, searchHref, type SearchView } from './search-view.ts';

interface SearchPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata({ searchParams }: SearchPageProps): Promise<Metadata> {
  const { text } = readSearchView(await searchParams);
  return { title: text ? `“${text}”` : 'Search', robots: { index: false } };
}

export default async function SearchPage({ searchParams }: SearchPageProps) {
  const view = readSearchView(await searchParams);
  const address = parseFeaturePath(view.text);
  if (address) redirect(featurePath(address));
  const sources = await (await serverCaller()).source.list();
  return (
    <div className="mx-auto max-w-4xl">
      <h1 className="mb-3">Search features</h1>
      <SearchForm view={view} sources={sources} />
      {view.text ? <Results view={view} /> : <Hints />}
    </div>
  );
}

async function Results({ view }: { view: SearchView }) {
  const { text, modelId, sourceId, page } = view;
  const offset = (page - 1) * pageSize;
  const { hits, total } = await (
    await serverCaller()
  ).search.query({ text, modelId, sourceId, limit: pageSize, offset });
  if (total === 0) return <Nothing view={view} />;
  const pages = Math.ceil(total / pageSize);
  return (
    <section aria-label="Results" className="mt-5">
      <p className="text-muted mb-2 text-sm" role="status">
        {formatCount(total)} {total === 1 ? 'feature' : 'features'}
        {pages > 1 && `, page ${page} of ${formatCount(pages)}`}
      </p>
      <ol className="card divide-line divide-y" start={offset + 1}>
        {hits.map((hit) => (
          <SearchHitRow key={`${hit.modelId}/${hit.sourceId}/${hit.index}`} hit={hit} />
        ))}
      </ol>
      <nav aria-label="Pages of results" className="mt-3 flex gap-2">
        {page > 1 && (
          <Link href={searchHref({ ...view, page: page - 1 })} className="button text-sm" data-shortcut="previous">
            ← Previous
          </Link>
        )}
        {page < pages && (
          <Link href={searchHref({ ...view, page: page + 1 })} className="button text-sm" data-shortcut="next">
            Next →
          </Link>
        )}
      </nav>
    </section>
  );
}

function Nothing({ view }: { view: SearchView }) {
  const filtered = view.modelId !== undefined || view.sourceId !== undefined;
  return (
    <p className="card text-muted mt-5 p-5" role="status">
      No feature answers to “{view.text}”{filtered && ' here'}.{' '}
      {filtered ? (
        <Link href={searchHref({ text: view.text, page: 1 })} className="link">
          Look in all models
        </Link>
      ) : (
        'Fewer or shorter words find more; single tokens often do.'
      )}
    </p>
  );
}

function Hints() {
  return (
    <ul className="text-muted mt-5 list-disc space-y-1 pl-5 text-sm">
      <li>Finds features by what people call them, by the tokens they fire on, and by the tokens they make likely.</li>
      <li>Typing errors are forgiven; what is exact comes first, and labels before tokens.</li>
      <li>
        An address such as <code className="font-mono">gpt2-small/8-res-jb/1234</code> leads straight to the feature.
      </li>
    </ul>
  );
}
