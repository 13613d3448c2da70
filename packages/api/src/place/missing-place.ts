import type { TRPCError } from '@trpc/server';
import { nearestPlaces } from '@monosema/db/queries';
import type { ApiContext } from '../context.ts';
import { notFound } from '../errors.ts';

/** NOT_FOUND for an address of the catalog: says which part of it is missing, and suggests the nearest that exist. */
export async function missingPlace(
  ctx: ApiContext,
  address: { modelId: string; sourceId?: string; index?: number },
): Promise<TRPCError> {
  const near = await nearestPlaces(ctx.db, address);
  const { modelId, sourceId, index } = address;
  switch (near?.missing) {
    case 'model':
      return notFound(`there is no model "${modelId}"`, near.paths);
    case 'source':
      return notFound(`${modelId} has no source "${sourceId}"`, near.paths);
    case 'feature': {
      const range =
        near.maximumIndex === null ? 'has no features' : `has features up to ${near.maximumIndex}, not ${index}`;
      return notFound(`${modelId}/${sourceId} ${range}`, near.paths);
    }
    case undefined:
      // It was published between the two looks; the next request finds it.
      return notFound('this was not there a moment ago; try again');
  }
}
