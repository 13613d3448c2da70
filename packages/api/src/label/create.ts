import { featureAddressSchema } from '@monosema/catalog';
import { createLabel, nearestPlaces } from '@monosema/db/queries';
import { z } from 'zod';
import { missingPlace } from '../place/missing-place.ts';
import { memberProcedure } from '../trpc.ts';

/** One line, whatever whitespace was typed. */
const labelTextSchema = z
  .string()
  .transform((text) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim())
  .pipe(z.string().min(1).max(200));

/** Writes a label on a feature; search finds it at once. NOT_FOUND when there is no such feature. */
export const labelCreate = memberProcedure
  .input(featureAddressSchema.extend({ text: labelTextSchema }))
  .mutation(async ({ ctx, input }) => {
    const { text, ...address } = input;
    if (await nearestPlaces(ctx.db, address)) throw await missingPlace(ctx, address);
    return { labelId: await createLabel(ctx.db, { address, text, authorId: ctx.user.id }) };
  });
