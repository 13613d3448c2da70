import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '@monosema/api';
import { api } from '../../../../server/api.ts';
import { currentUser } from '../../../../server/user.ts';

/** A browser says where a request comes from; another site's page, or another port's, may not act for this one's visitor. */
const isForeign = (request: Request): boolean =>
  ['cross-site', 'same-site'].includes(request.headers.get('sec-fetch-site') ?? '');

async function handle(request: Request): Promise<Response> {
  if (request.method === 'POST' && isForeign(request)) return new Response('cross-site request', { status: 403 });
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: async () => api().contextFor(await currentUser()),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') console.error(`api ${path ?? '?'}:`, error.cause ?? error);
    },
  });
}

export { handle as GET, handle as POST };
