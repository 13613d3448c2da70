// The caller's end of a worker thread: requests and replies, and what happens when the thread dies.
import { Worker, type SHARE_ENV } from 'node:worker_threads';
import { EngineError } from '../errors.ts';
import { guardExit } from './exit-guard.ts';

/** What a worker answers to `{ id, request }`. Its first message is no answer: it says that its library is loaded. */
export type WorkerReply<Result> = { id: number; result: Result } | { id: number; error: string };

export interface ThreadOptions {
  /** For debuggers. */
  name: string;
  /** The worker: plain JavaScript, which runs the same from the source and from a packed dist. */
  script: URL;
  /** What the worker loads; errors name it. */
  library: string;
  /** Given to the worker beside the `gate` of exit-guard.ts. */
  workerData?: Record<string, unknown>;
  /** Whether the thread may change the environment of the process; by default it has a copy. */
  env?: typeof SHARE_ENV;
}

interface Pending<Result> {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

/** A thread with an engine's library in it. It keeps the process alive only while a request is under way. */
export class WorkerThread<Request extends { kind: string }, Result> {
  private readonly pending = new Map<number, Pending<Result>>();
  private nextId = 0;
  private ended: string | undefined;
  private readonly exited: Promise<void>;

  private constructor(
    private readonly worker: Worker,
    removeGuard: () => void,
  ) {
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (reply: WorkerReply<Result>) => this.settle(reply));
    worker.on('error', (error: Error) => this.end(`the engine's thread crashed: ${error.message}`));
    worker.on('exit', (code) => {
      removeGuard();
      this.end(`the engine's thread ended (exit code ${code})`);
    });
  }

  /** Starts the thread and waits until its library is loaded; `ready` is what it says of it. */
  static async start<Request extends { kind: string }, Result, Ready>({
    name,
    script,
    library,
    workerData = {},
    env,
  }: ThreadOptions): Promise<{ thread: WorkerThread<Request, Result>; ready: Ready }> {
    const { gate, removeGuard } = guardExit();
    const worker = new Worker(script, {
      name,
      workerData: { ...workerData, gate },
      execArgv: [], // no flags of the parent's: a loader such as tsx has nothing to do in there
      ...(env ? { env } : {}),
    });
    const ready = await new Promise<Ready>((resolve, reject) => {
      const fail = (reason: string) => {
        removeGuard();
        reject(new EngineError(`${library} does not load here: ${reason}`));
      };
      worker.once('message', resolve);
      worker.once('error', (error) => fail(error.message));
      worker.once('exit', (code) => fail(`its thread ended with exit code ${code}`));
    });
    worker.unref();
    return { thread: new WorkerThread<Request, Result>(worker, removeGuard), ready };
  }

  /** Sends a request; the memory in `transfer` goes over without a copy. */
  call(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<Result> {
    if (this.ended !== undefined) return Promise.reject(new EngineError(this.ended));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, request }, transfer);
    });
  }

  /** Lets earlier requests finish, then has the worker answer `request` as its last one: it frees everything and ends. */
  async close(request: Request): Promise<void> {
    if (this.ended === undefined) {
      const closed = this.call(request).catch(() => undefined); // it died by itself: as good
      this.ended = 'the engine is closed';
      await closed;
    }
    this.worker.ref();
    await this.exited;
  }

  private settle(reply: WorkerReply<Result>): void {
    const call = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if ('error' in reply) call?.reject(new EngineError(reply.error));
    else call?.resolve(reply.result);
  }

  private end(reason: string): void {
    this.ended ??= reason;
    for (const { reject } of this.pending.values()) reject(new EngineError(reason));
    this.pending.clear();
  }
}
