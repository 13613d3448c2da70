/** Bytes that wait for a reader, for each file that is read ahead. */
const mostWaitingBytes = 4 * 2 ** 20;

/** A file that comes while its reader is still busy with others. */
export interface ReadAhead extends AsyncIterable<Uint8Array> {
  /** Lets go of the file: at once where it heeds its signal, else when its next bytes come. */
  stop(): void;
}

/**
 * Begins to read at once, and stops when 4 MiB wait. What goes wrong is thrown when the reader comes to it.
 *
 * @param open gives the file's bytes until the signal is aborted
 */
export function readAhead(open: (signal: AbortSignal) => AsyncIterable<Uint8Array>, signal?: AbortSignal): ReadAhead {
  const stopping = new AbortController();
  const iterator = open(signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal)[Symbol.asyncIterator]();
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let failure: { error: unknown } | null = null;
  let wake = (): void => undefined;
  /** Resolves at the next change. */
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  let changed = change();
  const tell = (): void => {
    wake();
    changed = change();
  };
  const pump = async (): Promise<void> => {
    try {
      while (!stopping.signal.aborted) {
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
  };
  void pump();
  const stop = (): void => {
    stopping.abort();
    tell();
    // Nobody waits for what a file that is let go of still has to say.
    iterator.return?.().catch(() => undefined);
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
        stop();
      }
    },
  };
}
