import { isClaimOpen } from '@monosema/auth';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';
import { claimTokenSchema } from './claim-token.ts';

/** Whether a one-time link can still make an admin account. */
export const accountClaimStatus = publicProcedure
  .input(z.object({ token: claimTokenSchema }))
  .query(async ({ ctx, input }) => ({ open: await isClaimOpen(ctx.db, input.token) }));
