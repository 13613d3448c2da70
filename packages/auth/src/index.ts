export {
  claimAdminSchema,
  createAdminClaim,
  hasAdmin,
  isClaimOpen,
  redeemAdminClaim,
  type ClaimOutcome,
} from './admin-claim.ts';
export { AttemptLimit } from './attempt-limit.ts';
export { hashPassword, verifyPassword } from './password.ts';
export { can, type Action, type Actor } from './permissions.ts';
export {
  signInSchema,
  signUp,
  signUpSchema,
  type AccountIssue,
  type SignUpInput,
  type SignUpOutcome,
} from './sign-up.ts';
export { checkPassword, type SignInOutcome } from './sign-in.ts';
