import 'server-only';
import { api } from './api.ts';
import { environment } from './env.ts';

/** Readies the process: a missing environment ends it with one line that says why, and signals end what would hold it up. */
export function startServer(): void {
  try {
    environment();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  // Next waits for every answer before it exits; a subscription has no end of its own.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => api().endStreams());
}
