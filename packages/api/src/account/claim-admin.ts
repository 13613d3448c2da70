import { TRPCError } from '@trpc/server';
import { claimAdminSchema, redeemAdminClaim } from '@monosema/auth';
import { fieldErrors } from '../errors.ts';
import { publicProcedure } from '../trpc.ts';
import { claimTokenSchema } from './claim-token.ts';

const inputSchema = claimAdminSchema.extend({ token: claimTokenSchema });

/** Uses a one-time link up and makes its admin. A refused form leaves the link as it was. */
export const accountClaimAdmin = publicProcedure.input(inputSchema).mutation(async ({ ctx, input }) => {
  const { token, ...account } = input;
  const outcome = await redeemAdminClaim(ctx.db, token, account);
  if (outcome.ok) return outcome.user;
  if (outcome.reason === 'issues') throw fieldErrors(outcome.issues);
  throw new TRPCError({ code: 'NOT_FOUND', message: 'This link was used already, or never existed.' });
});
