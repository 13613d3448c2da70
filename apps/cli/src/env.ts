import { z } from 'zod';

const envSchema = z.object({
  /** Engine when no --engine is given. */
  MONOSEMA_ENGINE: z.string().min(1).optional(),
});

export const env = envSchema.parse(process.env);
