import { CommanderError } from 'commander';
import { CancelledError, exitCode, messageOf, UsageError, type ExitCode } from './exit.ts';
import { buildProgram } from './program.ts';

/**
 * Runs the command line and answers with the exit code: 0 ok, 1 failure, 2 bad input, 130 cancelled by Ctrl-C.
 *
 * @param args without node and script
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    // A second Ctrl-C means now.
    if (interrupt.signal.aborted) process.exit(exitCode.cancelled);
    interrupt.abort();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    await buildProgram(interrupt.signal).parseAsync(args, { from: 'user' });
    return exitCode.ok;
  } catch (error) {
    // Commander has already printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (interrupt.signal.aborted) {
      process.stderr.write(error instanceof CancelledError ? `cancelled; ${error.message}\n` : 'cancelled\n');
      return exitCode.cancelled;
    }
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return error instanceof UsageError ? exitCode.usage : exitCode.failure;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}
