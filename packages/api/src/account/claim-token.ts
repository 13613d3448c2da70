import { z } from 'zod';

/** The secret of a one-time link, as it stands in the link. */
export const claimTokenSchema = z.string().min(1).max(200);
