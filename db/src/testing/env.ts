import { z } from 'zod';

const schema = z.object({ TEST_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional() });

/** The url of a server on which tests may make and drop databases; absent, tests bring their own. */
export const testDatabaseUrl = (): string | undefined =>
  schema.parse({ TEST_DATABASE_URL: process.env.TEST_DATABASE_URL || undefined }).TEST_DATABASE_URL;
