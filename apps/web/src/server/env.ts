import 'server-only';
import { z } from 'zod';

const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  AUTH_SECRET: z.string('is missing').min(32, 'must have at least 32 characters'),
  AUTH_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s):// address of this site' }).optional(),
});
export type WebEnvironment = z.infer<typeof environmentSchema>;

let parsed: WebEnvironment | undefined;

/** The environment of the web process, checked at its first use, so that the build needs none. */
export function environment(): WebEnvironment {
  return (parsed ??= parseEnvironment(process.env));
}

function parseEnvironment(values: NodeJS.ProcessEnv): WebEnvironment {
  const result = environmentSchema.safeParse(values);
  if (result.success) return result.data;
  throw new Error(
    `environment: ${result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
  );
}
