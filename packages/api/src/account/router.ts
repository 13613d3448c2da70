import { router } from '../trpc.ts';
import { accountClaimAdmin } from './claim-admin.ts';
import { accountClaimStatus } from './claim-status.ts';
import { accountSignUp } from './sign-up.ts';

export const accountRouter = router({
  signUp: accountSignUp,
  claimStatus: accountClaimStatus,
  claimAdmin: accountClaimAdmin,
});
