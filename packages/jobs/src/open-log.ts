import { pino, type Logger } from 'pino';
import { readableError } from './stage-stop.ts';

/**
 * A worker's log: one line of JSON per event on stdout. Errors carry their stack, but no SQL parameters and no
 * credentials.
 */
export function openLog(worker: string, level: 'info' | 'silent' = 'info'): Logger {
  return pino({ level, base: { worker, pid: process.pid }, serializers: { err: describe } });
}

function describe(error: unknown): { message: string; stack?: string } {
  const frames = error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) : undefined;
  return { message: readableError(error), ...(frames && { stack: frames.join('\n') }) };
}
