import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
const empty = (value: unknown): unknown => (value === '' ? undefined : value);

/** What the environment may say to `npm start`; a flag wins over it. */
const schema = z.object({
  MONOSEMA_PORT: z.preprocess(empty, port.optional()),
  MONOSEMA_DATA: z.preprocess(empty, z.string().optional()),
  MONOSEMA_ENGINE: z.preprocess(empty, z.string().optional()),
  DATABASE_URL: z.preprocess(empty, z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  AUTH_SECRET: z.preprocess(empty, z.string().min(32, 'must have at least 32 characters').optional()),
  CHROMIUM: z.preprocess(empty, z.string().optional()),
  CI: z.string().optional(),
});
export type LaunchEnv = z.infer<typeof schema>;

/** The environment, checked once. Throws one line per bad value. */
export function readEnv(environment: Record<string, string | undefined> = process.env): LaunchEnv {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
}

/** The environment that child processes inherit, without what only `npm` sets. */
export function childEnvironment(extra: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  return { ...Object.fromEntries(inherited), ...extra } as NodeJS.ProcessEnv;
}
