'use client';

import { QueryClient, QueryClientProvider, isServer } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';
import superjson from 'superjson';
import type { AppRouter } from '@monosema/api';

const context = createTRPCContext<AppRouter>();

/**
 * The procedures for client components, as options of TanStack Query.
 *
 * @example const { data } = useQuery(useTRPC().search.query.queryOptions({ text }));
 */
export const useTRPC = context.useTRPC;

const url = '/api/trpc';
const createQueryClient = (): QueryClient =>
  new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry: 1 } } });
let browserQueryClient: QueryClient | undefined;
const queryClientOf = (): QueryClient =>
  isServer ? createQueryClient() : (browserQueryClient ??= createQueryClient());

/** Gives client components `useTRPC`: mutations and queries in batches, subscriptions as server-sent events. */
export function TRPCReactProvider({ children }: { children: ReactNode }) {
  const queryClient = queryClientOf();
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === 'subscription',
          true: httpSubscriptionLink({ url, transformer: superjson }),
          false: httpBatchLink({ url, transformer: superjson }),
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
