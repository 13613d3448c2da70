import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import type { ApiContext } from './context.ts';
import { fieldsOf, nearestOf, Refusal } from './errors.ts';
import { usePlainIssueMessages } from './issue-message.ts';

usePlainIssueMessages();

/** The one place that decides what an error tells a client: never a stack, never what the server tripped over. */
const t = initTRPC.context<ApiContext>().create({
  transformer: superjson,
  isDev: false,
  sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
  errorFormatter: ({ shape, error }) => ({
    code: shape.code,
    message: messageOf(error),
    data: {
      code: shape.data.code,
      httpStatus: shape.data.httpStatus,
      path: shape.data.path,
      fields: fieldsOf(error),
      nearest: nearestOf(error),
    },
  }),
});

/** Zod's own message is JSON; a person gets its issues as a sentence. */
function messageOf(error: TRPCError): string {
  if (error.code === 'INTERNAL_SERVER_ERROR') return 'Something went wrong on the server.';
  const fields = error.cause instanceof Refusal ? [] : Object.entries(fieldsOf(error));
  if (fields.length === 0) return error.message;
  return fields.map(([field, messages]) => [field, messages.join(', ')].filter(Boolean).join(': ')).join('; ');
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Open to everybody. */
export const publicProcedure = t.procedure;

/** Needs a signed-in person; the handler's `ctx.user` is never null. */
export const memberProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in to do this.' });
  return next({ ctx: { ...ctx, user: ctx.user } });
});
