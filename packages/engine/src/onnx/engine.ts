// Programs on ONNX Runtime: one thread per engine, any number of programs in it.
import { availableParallelism } from 'node:os';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { SharedWeights } from '../shared-weights.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import type { Fuse } from './emit.ts';
import { buffers, createExecutable, messages } from './executable.ts';
import type { Place } from './executable.ts';
import type { SessionSettings, TensorMessage, WorkerReady, WorkerRequest } from './protocol.ts';
import { SessionCache } from './session-cache.ts';
import type { OnnxThread } from './session-cache.ts';

export interface OnnxEngineOptions {
  /** How many cores one operation may use; all by default. */
  threads?: number | undefined;
  /** Idle threads wait in a loop: faster steps where nothing else needs the cores. False by default. */
  spinning?: boolean | undefined;
  /** For tests and measurements: which fused ops become one kernel (default: all). */
  fuse?: Fuse;
  /** For tests: the bytes from which on constants are kept outside the graph's file. */
  externalFrom?: number;
  /** For tests and measurements: files that ONNX Runtime is to write. */
  write?: Pick<SessionSettings, 'optimizedModelFilePath' | 'profileFilePrefix'>;
}

/** Starts the thread and waits until ONNX Runtime is loaded in it. */
export async function startOnnxThread(): Promise<{ thread: OnnxThread } & WorkerReady> {
  const script = new URL('./worker.mjs', import.meta.url);
  const { thread, ready } = await WorkerThread.start<WorkerRequest, TensorMessage[], WorkerReady>({
    name: 'onnxruntime',
    script,
    library: 'onnxruntime-node',
  });
  return { thread, ...ready };
}

export async function openOnnxEngine(options: OnnxEngineOptions = {}): Promise<Engine> {
  const { threads = availableParallelism(), spinning = false, fuse = true, externalFrom, write = {} } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new EngineError(`threads must be 1 or more, got ${threads}`);
  const { thread, version } = await startOnnxThread();
  const settings = { threads, spinning, providers: ['cpu'], ...write };
  const sessions = new SessionCache(thread);
  const place: Place = { thread, sessions, settings, emitOptions: { fuse, externalFrom }, nextId: 0 };
  let weights = 0;
  return {
    name: 'onnx-cpu',
    description: `onnxruntime-node ${version}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    threads,
    compile: (program, compileOptions = {}) => createExecutable(place, program, compileOptions),
    async shareWeights(arrays) {
      const id = weights++;
      const tensors = messages(arrays);
      await thread.call({ kind: 'share', weights: id, tensors }, buffers(tensors));
      return new SharedWeights(thread, id, arrays, () => thread.call({ kind: 'unshare', weights: id }));
    },
    close: () => thread.close({ kind: 'close' }),
  };
}
