import { pino, type Logger } from 'pino';
import { readableError } from './stage-stop.ts';

/**
 * A worker's log: one line of JSON per event on stdout. Errors carry their stack, but no SQL parameters and no
 * credentials.
 */
export function openLog(worker: string, level: 'info' | 'silent' = 'info'): Logger {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore);
  // Not pino's own destination: when the reader is gone, its flush at exit tries again for ever, and a worker would
  // outlive the launcher that was killed. Node's stream gives up.
  return pino({ level, base: { worker, pid: process.pid }, serializers: { err: describe } }, process.stdout);
}

/** Nobody reads the log any more; the work does not depend on it. */
const ignore = (): void => undefined;

function describe(error: unknown): { message: string; stack?: string } {
  const frames = error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) : undefined;
  return { message: readableError(error), ...(frames && { stack: frames.join('\n') }) };
}
