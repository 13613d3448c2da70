import { TRPCError } from '@trpc/server';
import { can } from '@monosema/auth';
import { findLabel, hideLabel } from '@monosema/db/queries';
import { z } from 'zod';
import { notFound } from '../errors.ts';
import { memberProcedure } from '../trpc.ts';

/** Takes a label away from everybody's eyes, search included. For its author and admins. */
export const labelHide = memberProcedure
  .input(z.object({ labelId: z.string().min(1).max(64) }))
  .mutation(async ({ ctx, input }) => {
    const label = await findLabel(ctx.db, input.labelId);
    if (!label) throw notFound('this label is gone');
    if (!can(ctx.user, { kind: 'hide-label', authorId: label.authorId }))
      throw new TRPCError({ code: 'FORBIDDEN', message: 'Only the author of a label, or an admin, can remove it.' });
    await hideLabel(ctx.db, input.labelId);
  });
