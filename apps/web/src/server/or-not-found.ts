import 'server-only';
import { TRPCError } from '@trpc/server';
import { notFound } from 'next/navigation';

/**
 * What a procedure returns, or Next's 404 page when the catalog has no such thing.
 *
 * @example const run = await orNotFound(caller.run.get({ runId }));
 */
export async function orNotFound<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // A malformed id in an address names nothing, like an unknown one.
    if (error instanceof TRPCError && (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST')) notFound();
    throw error;
  }
}
