import { featureSorts, getSource, listFeatures } from '@monosema/db/queries';
import { z } from 'zod';
import { fieldErrors } from '../errors.ts';
import { withTexts } from '../token-text.ts';
import { publicProcedure } from '../trpc.ts';
import { sourceInputSchema } from './source-input.ts';

const inputSchema = sourceInputSchema.extend({
  sort: z.enum(featureSorts).default('score'),
  order: z.enum(['asc', 'desc']).optional(),
  /** Leaves out features that never fire. */
  liveOnly: z.boolean().default(false),
  limit: z.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  cursor: z.string().max(200).nullish(),
});

/** How many tokens a row of a table has room for. */
const tokensPerRow = 6;

/** A page of a source's features with the texts of their tokens; `next` is the cursor of the page after, null on the last. */
export const sourceFeatures = publicProcedure.input(inputSchema).query(async ({ ctx, input }) => {
  const [page, source] = await Promise.all([
    listFeatures(ctx.db, input).catch((error: unknown) => {
      throw error instanceof RangeError ? fieldErrors([{ path: 'cursor', message: error.message }]) : error;
    }),
    getSource(ctx.db, input),
  ]);
  const vocabulary = source && (await ctx.vocabularies.of(source));
  const rows = page.rows.map((row) => ({
    ...row,
    topTokens: withTexts(vocabulary, row.topTokens.slice(0, tokensPerRow)),
    topLogits: withTexts(vocabulary, row.topLogits.slice(0, tokensPerRow)),
  }));
  return { rows, next: page.next };
});
