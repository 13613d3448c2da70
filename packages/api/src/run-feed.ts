/** Starts listening on the channel of runs; `onRun` gets a run id, or null when notifications may have been missed. */
export type ListenToRuns = (onRun: (runId: string | null) => void) => Promise<{ unlisten: () => Promise<void> }>;

/** One person's wait for one run. */
export interface RunWatch {
  /** Resolves when the run changed since the last call, after `timeoutMs`, or when `signal` aborts. */
  change(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

interface Waiter {
  dirty: boolean;
  wake: (() => void) | null;
}

/**
 * Wakes whoever watches a run when a worker wrote to it. One LISTEN serves the whole process, however many pages are
 * open; it starts with the first watcher.
 */
export class RunFeed {
  private ended = false;
  private readonly waiters = new Map<string, Set<Waiter>>();
  private listening: ReturnType<ListenToRuns> | null = null;

  constructor(private readonly listen: ListenToRuns) {}

  /** Whether every watcher should stop, because the process is about to. */
  get isEnded(): boolean {
    return this.ended;
  }

  /** Starts to watch: a change between this call and the first `change()` is not lost. */
  async watch(runId: string): Promise<RunWatch> {
    const waiter: Waiter = { dirty: false, wake: null };
    const group = this.waiters.get(runId) ?? new Set();
    this.waiters.set(runId, group.add(waiter));
    const close = (): void => {
      group.delete(waiter);
      if (group.size === 0 && this.waiters.get(runId) === group) this.waiters.delete(runId);
    };
    try {
      await this.start();
    } catch (error) {
      close();
      throw error;
    }
    return { change: (timeoutMs, signal) => waitFor(waiter, timeoutMs, signal), close };
  }

  /** Wakes everybody for good. */
  end(): void {
    this.ended = true;
    this.notify(null);
  }

  async close(): Promise<void> {
    this.end();
    const listening = await this.listening?.catch(() => null);
    this.listening = null;
    await listening?.unlisten();
  }

  private async start(): Promise<void> {
    this.listening ??= this.listen((runId) => this.notify(runId));
    try {
      await this.listening;
    } catch (error) {
      this.listening = null;
      throw error;
    }
  }

  private notify(runId: string | null): void {
    const groups = runId === null ? [...this.waiters.values()] : [this.waiters.get(runId) ?? new Set<Waiter>()];
    for (const group of groups) {
      for (const waiter of group) {
        waiter.dirty = true;
        waiter.wake?.();
      }
    }
  }
}

async function waitFor(waiter: Waiter, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  if (!waiter.dirty && !signal?.aborted) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      waiter.wake = done;
      signal?.addEventListener('abort', done);
    });
  }
  waiter.wake = null;
  waiter.dirty = false;
}
