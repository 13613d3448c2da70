// Programs on ONNX Runtime: one thread per engine, any number of programs in it.
import { availableParallelism } from 'node:os';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { add, input } from '../ops/index.ts';
import { SharedWeights } from '../shared-weights.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import type { Fuse } from './emit.ts';
import { buffers, createExecutable, messages } from './executable.ts';
import type { Place } from './executable.ts';
import type { SessionSettings, TensorMessage, WorkerReady, WorkerRequest } from './protocol.ts';
import { missingFor } from './providers.ts';
import type { OnnxProvider } from './providers.ts';
import { SessionCache } from './session-cache.ts';
import type { OnnxThread } from './session-cache.ts';

export type OnnxEngineName = `onnx-${OnnxProvider}`;

export interface OnnxEngineOptions {
  /** How many cores one operation may use; all by default. */
  threads?: number | undefined;
  /** Idle threads wait in a loop: faster steps where nothing else needs the cores. False by default. */
  spinning?: boolean | undefined;
  /** What computes: the processor by default. */
  provider?: OnnxProvider;
  /** For tests and measurements: which fused ops become one kernel (default: all). */
  fuse?: Fuse;
  /** For tests: the bytes from which on constants are kept outside the graph's file. */
  externalFrom?: number;
  /** For tests and measurements: files that ONNX Runtime is to write. */
  write?: Pick<SessionSettings, 'optimizedModelFilePath' | 'profileFilePrefix'>;
}

/** Starts the thread and waits until ONNX Runtime is loaded in it. */
export async function startOnnxThread(
  engine: OnnxEngineName = 'onnx-cpu',
): Promise<{ thread: OnnxThread } & WorkerReady> {
  const script = new URL('./worker.mjs', import.meta.url);
  const { thread, ready } = await WorkerThread.start<WorkerRequest, TensorMessage[], WorkerReady>({
    name: 'onnxruntime',
    script,
    library: 'onnxruntime-node',
    workerData: { engine },
  });
  return { thread, ...ready };
}

/** Errors: EngineError for options that do not fit, and where the provider is not there. */
export async function openOnnxEngine(options: OnnxEngineOptions = {}): Promise<Engine> {
  const { threads = availableParallelism(), provider = 'cpu', spinning = false, fuse = true, write = {} } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new EngineError(`threads must be 1 or more, got ${threads}`);
  const missing = missingFor(provider);
  if (missing !== null) throw new EngineError(missing);
  const name: OnnxEngineName = `onnx-${provider}`;
  const { thread, version } = await startOnnxThread(name);
  const settings: SessionSettings = { threads, spinning, providers: [provider], ...write };
  const emitOptions = { fuse, capsScores: provider === 'cpu', externalFrom: options.externalFrom };
  const place: Place = { thread, sessions: new SessionCache(thread), settings, emitOptions, nextId: 0 };
  let weights = 0;
  const engine: Engine = {
    name,
    description: `onnxruntime-node ${version}, ${descriptions[provider](threads)}`,
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
  if (provider !== 'cpu') await tryOut(engine);
  return engine;
}

const descriptions: Record<OnnxProvider, (threads: number) => string> = {
  cpu: (threads) => `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  cuda: () => 'CUDA',
  webgpu: () => 'WebGPU',
};

/** A provider is loaded by the first session, which fails where there is no device; the engine is closed then. */
async function tryOut(engine: Engine): Promise<void> {
  try {
    const x = input('x', [2]);
    const executable = await engine.compile({ inputs: { x }, outputs: { y: add(x, x) } });
    await executable.run({ x: { data: Float32Array.of(1, 2), shape: [2] } });
    await executable.dispose();
  } catch (error) {
    await engine.close();
    throw error;
  }
}
