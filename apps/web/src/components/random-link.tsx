'use client';

import { useQueryClient } from '@tanstack/react-query';
import { featurePath, sourcePath } from '@monosema/catalog';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import type { MouseEvent, ReactNode } from 'react';
import { useTRPC } from '../trpc/client.tsx';

interface RandomLinkProps {
  modelId: string;
  sourceId: string;
  className?: string;
  /** Answers to "r". */
  shortcut?: boolean;
  children: ReactNode;
}

/** To a random live feature of a source. The address `…/random` redirects; a script asks first and saves the detour. */
export function RandomLink({ modelId, sourceId, className, shortcut = false, children }: RandomLinkProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const trpc = useTRPC();
  const href = `${sourcePath(modelId, sourceId)}/random`;

  const go = async (): Promise<void> => {
    const random = { ...trpc.feature.random.queryOptions({ modelId, sourceId }), staleTime: 0 };
    const address = await queries.fetchQuery(random).catch(() => null);
    router.push(address ? featurePath(address) : href);
  };
  const onClick = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void go();
  };
  return (
    <Link
      href={href}
      prefetch={false}
      onClick={onClick}
      className={className}
      data-shortcut={shortcut ? 'random' : undefined}
      title={shortcut ? 'A random live feature (r)' : undefined}
    >
      {children}
    </Link>
  );
}
