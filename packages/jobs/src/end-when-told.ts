import type { Logger } from 'pino';
import { readableError } from './stage-stop.ts';

/** After this long a process ends without waiting any further. */
const patienceMs = 7000;

/** Ends this process, once `stop` has resolved, on SIGTERM, on SIGINT, or when the parent's IPC channel closes. */
export function endWhenTold(log: Logger, stop: () => Promise<void>): void {
  let ending = false;
  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'worker ends');
    setTimeout(() => process.exit(1), patienceMs).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(`worker did not end well: ${readableError(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));
  process.on('disconnect', () => end('the parent is gone'));
}
