/** Why a stage stops before its end: a person cancelled the run, another worker has it, or this process ends. */
export type StopReason = 'cancelled' | 'lost' | 'stopping';

/** Thrown through a handler to stop it. The runtime turns it into an outcome; a handler must let it pass. */
export class StageStop extends Error {
  override readonly name = 'StageStop';

  constructor(readonly reason: StopReason) {
    super(
      { cancelled: 'the run was cancelled', lost: 'another worker has taken over', stopping: 'the worker is stopping' }[
        reason
      ],
    );
  }
}

/** What was asked for can't be done, today or tomorrow: the run fails at once with this message, without another try. */
export class UnusableRequest extends Error {
  override readonly name = 'UnusableRequest';
}

/**
 * Waits for something that depends on the request alone, so that its errors are the request's: see `asUnusable`.
 *
 * @example const model = await orUnusable(loadModel(request.modelId));
 */
export async function orUnusable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asUnusable(error);
  }
}

/** An error as the request's, but for a stop and for those of the system (a full disk), which another try may cure. */
export function asUnusable(error: unknown): unknown {
  const ofSystem = error instanceof Error && 'code' in error;
  return ofSystem || error instanceof StageStop ? error : new UnusableRequest(messageOf(error), { cause: error });
}

/**
 * An error as a person may read it on a run's page: no stack, no SQL parameters, no credentials.
 *
 * @example readableError(new Error('connect postgres://me:secret@host/db')) // "connect postgres://…@host/db"
 */
export function readableError(error: unknown): string {
  const message = messageOf(error)
    .replace(/\/\/[^\s/@]*@/g, '//…@')
    // Postgres takes no NUL, and nobody reads one.
    .replaceAll('\0', '␀');
  return message.length > 1000 ? `${message.slice(0, 1000)}…` : message;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Drizzle's message is the statement with its parameters; the cause is what Postgres said.
  if (error.message.startsWith('Failed query'))
    return error.cause === undefined ? 'a query failed' : messageOf(error.cause);
  return error.message || error.name;
}
