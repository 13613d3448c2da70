import { modelIdSchema, sourceIdSchema } from '@monosema/catalog';
import { z } from 'zod';

/** The input of everything that is about one source. */
export const sourceInputSchema = z.object({ modelId: modelIdSchema, sourceId: sourceIdSchema });
