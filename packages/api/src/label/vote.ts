import { voteLabel } from '@monosema/db/queries';
import { z } from 'zod';
import { notFound } from '../errors.ts';
import { memberProcedure } from '../trpc.ts';

const inputSchema = z.object({
  labelId: z.string().min(1).max(64),
  value: z.union([z.literal(1), z.literal(0), z.literal(-1)]),
});

/** Sets one's vote on a label: 1, −1, or 0 to take it back. Answers with the label's counts. */
export const labelVote = memberProcedure.input(inputSchema).mutation(async ({ ctx, input }) => {
  const counts = await voteLabel(ctx.db, { ...input, userId: ctx.user.id });
  if (!counts) throw notFound('this label is gone');
  return counts;
});
