import { z } from 'zod';

/** What every worker process needs to know. */
export const workerEnvSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// url' }),
  /** Folder of all data; artifacts lie in `artifacts` below it. */
  MONOSEMA_DATA: z.string({ error: 'must name the data folder' }).min(1, 'must name the data folder'),
  /** Engine to force; the engine itself says which there are. */
  MONOSEMA_ENGINE: z
    .string()
    .optional()
    .transform((name) => name || undefined),
});
export type WorkerEnv = z.infer<typeof workerEnvSchema>;

/**
 * Reads the environment of this process.
 *
 * @throws Error with one line that names each variable that is missing or wrong, and never its value
 * @example const env = readEnv(workerEnvSchema);
 */
export function readEnv<T>(schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
