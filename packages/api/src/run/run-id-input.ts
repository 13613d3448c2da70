import { z } from 'zod';

/** The input of everything that is about one run. */
export const runIdInputSchema = z.object({ runId: z.string().min(1).max(64) });
