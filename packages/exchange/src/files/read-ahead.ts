/** Bytes that wait for a reader, for each file that is read ahead. */
const mostWaitingBytes = 4 * 2 ** 20;

/** A file that comes while its reader is still busy with others. */
export interface ReadAhead extends AsyncIterable<Uint8Array> {
  /** Lets go of the file. */
  stop(): Promise<void>;
}

/**
 * Begins to read at once, and stops when 4 MiB wait. What goes wrong is thrown when the reader comes to it.
 */
export function readAhead(source: AsyncIterable<Uint8Array>): ReadAhead {
  const iterator = source[Symbol.asyncIterator]();
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let stopped = false;
  let failure: { error: unknown } | null = null;
  let wake = (): void => undefined;
  /** Resolves at the next change. */
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  let changed = change();
  const tell = (): void => {
    wake();
    changed = change();
  };
  const pump = (async () => {
    try {
      while (!stopped) {
        if (bytes >= mostWaitingBytes) {
          await changed;
          continue;
        }
        const next = await iterator.next();
        if (next.done) break;
        waiting.push(next.value);
        bytes += next.value.length;
        tell();
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    tell();
  })();
  const stop = async (): Promise<void> => {
    stopped = true;
    tell();
    await iterator.return?.();
    await pump;
  };
  return {
    stop,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const piece = waiting.shift();
          if (piece) {
            bytes -= piece.length;
            tell();
            yield piece;
          } else if (ended) break;
          else await changed;
        }
        if (failure) throw failure.error;
      } finally {
        await stop();
      }
    },
  };
}
