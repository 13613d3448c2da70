/** What the process answers to scripts. 130 is what a shell reports for Ctrl-C. */
export const exitCode = { ok: 0, failure: 1, usage: 2, cancelled: 130 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Bad input from the person: shown as one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(option: string, message: string) {
    super(`${option}: ${message}`);
  }
}

/** Ctrl-C, with a word on how to go on. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

/**
 * Runs `work` for an option; what it throws is told as that option's fault.
 *
 * @example const model = await forOption('--model', () => loadModel(options.model))
 */
export async function forOption<T>(option: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A hub that does not answer is nobody's bad input.
    if (isOutage(error)) throw new Error(`${option}: ${messageOf(error)}`);
    throw new UsageError(option, messageOf(error));
  }
}

/** A HubError of a kind that another try may not meet; told by its name, so that --help loads nothing. */
const isOutage = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'HubError' &&
  'reason' in error &&
  (error.reason === 'network' || error.reason === 'corrupt');

/** One line that says what went wrong. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
