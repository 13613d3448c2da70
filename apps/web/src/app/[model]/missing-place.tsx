'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTRPC } from '../../trpc/client.tsx';
import { SearchBox } from '../../components/search-box.tsx';

const nouns = { model: 'No such model', source: 'No such source', feature: 'No such feature' } as const;

/** A wrong address of the catalog: which part of it is wrong, and the nearest that is right. */
export function MissingPlace() {
  const { modelId, sourceId, indexText, index } = useAddress();
  const { data: near } = useQuery(useTRPC().place.nearest.queryOptions({ modelId, sourceId, index }));
  const missing = near?.missing;
  return (
    <div className="mx-auto max-w-xl py-8">
      <h1>{missing ? nouns[missing] : 'Nothing lives at this address'}</h1>
      <p className="text-muted mt-2 min-h-12">
        {missing === 'model' && <>There is no model called “{modelId}” here.</>}
        {missing === 'source' && (
          <>
            {modelId} has no source called “{sourceId}”, or none that is published yet.
          </>
        )}
        {missing === 'feature' && near?.maximumIndex != null && (
          <>
            The features of {modelId}/{sourceId} are numbered 0 to {near.maximumIndex.toLocaleString('en')}; there is no{' '}
            {indexText}.
          </>
        )}
        {!missing && indexText !== undefined && index === undefined && (
          <>A feature is named by a number, and “{indexText}” is none.</>
        )}
      </p>
      <div className="min-h-24">
        {near && near.paths.length > 0 && (
          <>
            <h2 className="mt-4 mb-1">Nearest to it</h2>
            <ul className="font-mono">
              {near.paths.map((path) => (
                <li key={path}>
                  <Link href={path} className="link">
                    {path}
                  </Link>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <p className="my-4 flex flex-wrap gap-x-4 gap-y-1">
        {(missing === 'feature' || !missing) && sourceId && (
          <Link href={`/${modelId}/${sourceId}`} className="link">
            All features of {sourceId}
          </Link>
        )}
        {missing !== 'model' && sourceId && (
          <Link href={`/${modelId}`} className="link">
            All sources of {modelId}
          </Link>
        )}
        <Link href="/" className="link">
          All models
        </Link>
      </p>
      <SearchBox id="missing-search" />
    </div>
  );
}

/** The address as it was typed; an index that is no number is undefined. */
function useAddress(): { modelId: string; sourceId?: string; indexText?: string; index?: number } {
  const [modelId = '', sourceId, indexText] = usePathname().split('/').slice(1).map(decoded);
  const number = /^\d{1,10}$/.test(indexText ?? '') ? Number(indexText) : undefined;
  return { modelId, sourceId, indexText, index: number === undefined ? undefined : Math.min(number, 2 ** 31 - 1) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
