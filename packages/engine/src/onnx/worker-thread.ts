// The caller's end of the worker thread: requests and replies, and what happens when the thread dies.
import { Worker } from 'node:worker_threads';
import { EngineError } from '../errors.ts';
import { guardExit } from './exit-guard.ts';
import type { TensorMessage, WorkerReady, WorkerReply, WorkerRequest } from './protocol.ts';

interface Pending {
  resolve: (tensors: TensorMessage[]) => void;
  reject: (error: Error) => void;
}

/** A thread with ONNX Runtime in it. It keeps the process alive only while a request is under way. */
export class WorkerThread {
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private ended: string | undefined;
  private readonly exited: Promise<void>;

  private constructor(
    private readonly worker: Worker,
    removeGuard: () => void,
  ) {
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (reply: WorkerReply) => this.settle(reply));
    worker.on('error', (error: Error) => this.end(`the engine's thread crashed: ${error.message}`));
    worker.on('exit', (code) => {
      removeGuard();
      this.end(`the engine's thread ended (exit code ${code})`);
    });
  }

  /** Starts the thread and waits until ONNX Runtime is loaded in it. */
  static async start(): Promise<{ thread: WorkerThread; version: string }> {
    const { gate, removeGuard } = guardExit();
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      name: 'onnxruntime',
      workerData: { gate },
      execArgv: [], // no flags of the parent's: a loader such as tsx has nothing to do in there
    });
    const { version } = await new Promise<WorkerReady>((resolve, reject) => {
      const fail = (reason: string) => {
        removeGuard();
        reject(new EngineError(`onnxruntime-node does not load here: ${reason}`));
      };
      worker.once('message', resolve);
      worker.once('error', (error) => fail(error.message));
      worker.once('exit', (code) => fail(`its thread ended with exit code ${code}`));
    });
    worker.unref();
    return { thread: new WorkerThread(worker, removeGuard), version };
  }

  /** Sends a request; the memory in `transfer` goes over without a copy. */
  call(request: WorkerRequest, transfer: readonly ArrayBuffer[] = []): Promise<TensorMessage[]> {
    if (this.ended !== undefined) return Promise.reject(new EngineError(this.ended));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, request }, transfer);
    });
  }

  /** Lets earlier requests finish, frees everything and ends the thread. */
  async close(): Promise<void> {
    if (this.ended === undefined) {
      const closed = this.call({ kind: 'close' }).catch(() => undefined); // it died by itself: as good
      this.ended = 'the engine is closed';
      await closed;
    }
    this.worker.ref();
    await this.exited;
  }

  private settle(reply: WorkerReply): void {
    const call = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if ('error' in reply) call?.reject(new EngineError(`onnx-cpu: ${reply.error}`));
    else call?.resolve(reply.tensors);
  }

  private end(reason: string): void {
    this.ended ??= reason;
    for (const { reject } of this.pending.values()) reject(new EngineError(reason));
    this.pending.clear();
  }
}
