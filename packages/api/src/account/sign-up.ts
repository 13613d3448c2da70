import { signUp, signUpSchema } from '@monosema/auth';
import { fieldErrors } from '../errors.ts';
import { publicProcedure } from '../trpc.ts';

/** Makes a member's account. An e-mail address that has one already is told at its field. */
export const accountSignUp = publicProcedure.input(signUpSchema).mutation(async ({ ctx, input }) => {
  const outcome = await signUp(ctx.db, input);
  if (!outcome.ok) throw fieldErrors(outcome.issues);
  return outcome.user;
});
