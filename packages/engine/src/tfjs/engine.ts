// Programs on TensorFlow.js: one thread per engine, any number of programs in it.
import { SHARE_ENV } from 'node:worker_threads';
import type { Arrays } from '../arrays.ts';
import type { CompileOptions, Engine, EngineName, Executable } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { bindRun, changedShapes, planProgram, shapesOf } from '../plan.ts';
import type { Plan, Shapes } from '../plan.ts';
import { retainAll, SharedWeights } from '../shared-weights.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import type { Program } from '../trace.ts';
import { lowerProgram } from './lower.ts';
import type { ArrayMessage, BackendName, BackendReady, ThreadData, TfjsRequest } from './protocol.ts';

export type TfjsThread = WorkerThread<TfjsRequest, ArrayMessage[]>;
export type TfjsEngineName = Extract<EngineName, `tfjs-${string}`>;

const backends: Record<TfjsEngineName, { backend: BackendName; library: string }> = {
  'tfjs-gpu': { backend: 'tensorflow', library: '@tensorflow/tfjs-node-gpu' },
  'tfjs-webgpu': { backend: 'webgpu', library: 'webgpu' },
  'tfjs-wasm': { backend: 'wasm', library: '@tensorflow/tfjs-backend-wasm' },
};

/** Starts the thread and its backend. `module`: where the optional package of tfjs-gpu and tfjs-webgpu is. */
export async function startTfjsThread(
  name: TfjsEngineName,
  module?: string,
): Promise<{ thread: TfjsThread; ready: BackendReady }> {
  const { backend, library } = backends[name];
  const workerData: ThreadData = { backend, module };
  return WorkerThread.start<TfjsRequest, ArrayMessage[], BackendReady>({
    name,
    script: new URL('./worker.mjs', import.meta.url),
    library,
    workerData: { ...workerData },
    ...(backend === 'tensorflow' ? { env: SHARE_ENV } : {}), // see env.mjs
  });
}

/** An engine over a started thread; closing it ends the thread. */
export function tfjsEngine(name: TfjsEngineName, thread: TfjsThread, { description }: BackendReady): Engine {
  const place: Place = { thread, owner: {}, nextId: 0 };
  return {
    name,
    description,
    threads: 1,
    compile: (program, options = {}) => createExecutable(place, program, options),
    shareWeights: async (arrays) => {
      const id = place.nextId++;
      const given = messages(arrays);
      await thread.call({ kind: 'share', weights: id, arrays: given }, buffers(given));
      return new SharedWeights(place.owner, id, arrays, () => thread.call({ kind: 'unshare', weights: id }));
    },
    close: () => thread.close({ kind: 'close' }),
  };
}

interface Place {
  thread: TfjsThread;
  /** What tells shared weights of this engine from those of another. */
  owner: object;
  nextId: number;
}

async function createExecutable(place: Place, program: Program, options: CompileOptions): Promise<Executable> {
  const { thread } = place;
  const plan = planProgram(program, options);
  const release = retainAll(Object.values(plan.shared), place.owner);
  const session = place.nextId++;
  const lowered = lowerProgram(plan);
  const read = new Set(lowered.inputs.map(({ name }) => name));
  const weights = messages(Object.fromEntries(Object.entries(plan.weights).filter(([name]) => read.has(name))));
  const state = messages(options.state ?? {});
  const shared = thread.call({ kind: 'share', weights: session, arrays: weights }, buffers(weights));
  const groupOf = Object.fromEntries([
    ...weights.map(({ name }) => [name, session] as const),
    ...Object.entries(plan.shared).map(([name, { id }]) => [name, id] as const),
  ]);
  const created = thread.call({ kind: 'create', session, program: lowered, weights: groupOf, state }, [
    ...lowered.constants.map(({ data }) => data.buffer as ArrayBuffer),
    ...buffers(state),
  ]);
  try {
    await Promise.all([shared, created]);
  } catch (error) {
    await release();
    throw error;
  }
  return new TfjsExecutable(thread, session, plan, read, shapesOf(options.state ?? {}), release);
}

class TfjsExecutable implements Executable {
  private disposed: Promise<void> | undefined;

  constructor(
    private readonly thread: TfjsThread,
    private readonly session: number,
    private readonly plan: Plan,
    private readonly read: ReadonlySet<string>,
    private stateShapes: Shapes,
    private readonly release: () => Promise<void>,
  ) {}

  async run(feeds: Arrays): Promise<Arrays> {
    this.checkOpen();
    const binding = bindRun(this.plan, feeds, this.stateShapes);
    const given = messages(Object.fromEntries(Object.entries(feeds).filter(([name]) => this.read.has(name))));
    const sizes = Object.fromEntries([...binding].map(([symbol, { size }]) => [symbol, size]));
    const results = Object.keys(this.plan.results);
    const request = { kind: 'run', session: this.session, feeds: given, sizes, results } as const;
    return arraysOf(await this.thread.call(request, buffers(given)));
  }

  async readState(): Promise<Arrays> {
    this.checkOpen();
    return arraysOf(await this.thread.call({ kind: 'readState', session: this.session }));
  }

  async writeState(changes: Arrays): Promise<void> {
    this.checkOpen();
    this.stateShapes = changedShapes(this.plan, this.stateShapes, changes);
    const state = messages(changes);
    await this.thread.call({ kind: 'writeState', session: this.session, state }, buffers(state));
  }

  dispose(): Promise<void> {
    const { thread, session } = this;
    return (this.disposed ??= Promise.all([
      thread.call({ kind: 'dispose', session }),
      thread.call({ kind: 'unshare', weights: session }),
    ]).then(
      this.release,
      this.release, // the thread is gone, and with it the program
    ));
  }

  private checkOpen(): void {
    if (this.disposed) throw new EngineError('the executable is disposed');
  }
}

/** Copies, since a message takes its memory along. */
const messages = (arrays: Arrays): ArrayMessage[] =>
  Object.entries(arrays).map(([name, { data, shape }]) => ({ name, shape: [...shape], data: data.slice() }));

const buffers = (arrays: readonly ArrayMessage[]) => arrays.map(({ data }) => data.buffer as ArrayBuffer);

const arraysOf = (arrays: readonly ArrayMessage[]): Arrays =>
  Object.fromEntries(arrays.map(({ name, data, shape }) => [name, { data, shape }]));
