import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { LaunchEnv } from './env.ts';
import { projectRoot } from './project-root.ts';

export const startUsage = `npm start -- [options]

Everything on this machine: the web, a Postgres of its own and the workers, on 127.0.0.1.

  --port N      port of the web                    (default 3000, or the next free one; env MONOSEMA_PORT)
  --data DIR    folder for the database and files  (default .monosema in the project; env MONOSEMA_DATA)
  --engine E    engine of the workers              (default the fastest that works; env MONOSEMA_ENGINE)
  --no-train    do not queue the first training run
  --help        this text

Examples:
  npm start
  npm start -- --port 4000 --data /srv/monosema
`;

export interface StartOptions {
  /** Undefined: 3000, or the next free port. */
  port: number | undefined;
  data: string;
  engine: string | undefined;
  train: boolean;
  help: boolean;
}

const portSchema = z.coerce
  .number({ error: '--port must be a number from 1 to 65535' })
  .int('--port must be a whole number')
  .min(1, '--port must be from 1 to 65535')
  .max(65_535, '--port must be from 1 to 65535');

/** Reads flags over environment. Throws an Error whose message names the flag. */
export function readOptions(args: readonly string[], env: LaunchEnv): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      engine: { type: 'string' },
      'no-train': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const port = values.port === undefined ? undefined : portSchema.safeParse(values.port);
  if (port?.success === false) throw new Error(port.error.issues[0]?.message);
  if (values.data === '') throw new Error('--data must name a folder');
  return {
    port: port?.data ?? env.MONOSEMA_PORT,
    data: path.resolve(values.data ?? env.MONOSEMA_DATA ?? path.join(projectRoot, '.monosema')),
    engine: values.engine ?? env.MONOSEMA_ENGINE,
    train: values['no-train'] !== true,
    help: values.help === true,
  };
}
