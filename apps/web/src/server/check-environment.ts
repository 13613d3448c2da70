import 'server-only';
import { environment } from './env.ts';

/** Ends a process that could answer nothing, with one line that says why. */
export function checkEnvironment(): void {
  try {
    environment();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
