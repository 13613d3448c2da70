// Programs on TensorFlow.js: one thread per engine, any number of programs in it.
import { SHARE_ENV } from 'node:worker_threads';
import type { Arrays } from '../arrays.ts';
import type { CompileOptions, Engine, EngineName, Executable } from '../engine.ts';
import { planProgram } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { retainAll, SharedWeights } from '../shared-weights.ts';
import { only, ThreadExecutable } from '../thread/thread-executable.ts';
import type { ProgramCalls } from '../thread/thread-executable.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import type { Program } from '../trace.ts';
import type { LoweredProgram } from './instructions.ts';
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
  const plan = planProgram(program, options);
  const release = retainAll(Object.values(plan.shared), place.owner);
  const calls = { ...callsOf(place.thread, place.nextId++, plan), release };
  try {
    const lowered = lowerProgram(plan);
    const read = new Set(lowered.inputs.map(({ name }) => name));
    try {
      await calls.create(lowered, only(read, plan.weights), options.state ?? {});
    } catch (error) {
      await calls.dispose().catch(() => undefined); // what of it had arrived
      throw error;
    }
    return new ThreadExecutable(plan, read, options.state ?? {}, calls);
  } catch (error) {
    await release();
    throw error;
  }
}

type Calls = Omit<ProgramCalls, 'release'> & {
  create(lowered: LoweredProgram, weights: Arrays, state: Arrays): Promise<unknown>;
};

/** A program's own weights lie in the thread under the number of its session. */
function callsOf(thread: TfjsThread, session: number, plan: Plan): Calls {
  return {
    create(program, weights, initial) {
      const [arrays, state] = [messages(weights), messages(initial)];
      const groupOf = Object.fromEntries([
        ...arrays.map(({ name }) => [name, session] as const),
        ...Object.entries(plan.shared).map(([name, { id }]) => [name, id] as const),
      ]);
      const constants = program.constants.map(({ data }) => data.buffer as ArrayBuffer);
      const request = { kind: 'create', session, program, weights: groupOf, state } as const;
      return Promise.all([
        thread.call({ kind: 'share', weights: session, arrays }, buffers(arrays)),
        thread.call(request, [...constants, ...buffers(state)]),
      ]);
    },
    async run(feeds, binding) {
      const given = messages(feeds);
      const sizes = Object.fromEntries([...binding].map(([symbol, { size }]) => [symbol, size]));
      const request = { kind: 'run', session, feeds: given, sizes, results: Object.keys(plan.results) } as const;
      return arraysOf(await thread.call(request, buffers(given)));
    },
    readState: async () => arraysOf(await thread.call({ kind: 'readState', session })),
    writeState(changes) {
      const state = messages(changes);
      return thread.call({ kind: 'writeState', session, state }, buffers(state));
    },
    dispose: () =>
      Promise.all([thread.call({ kind: 'dispose', session }), thread.call({ kind: 'unshare', weights: session })]),
  };
}

/** Copies, since a message takes its memory along. */
const messages = (arrays: Arrays): ArrayMessage[] =>
  Object.entries(arrays).map(([name, { data, shape }]) => ({ name, shape: [...shape], data: data.slice() }));

const buffers = (arrays: readonly ArrayMessage[]) => arrays.map(({ data }) => data.buffer as ArrayBuffer);

const arraysOf = (arrays: readonly ArrayMessage[]): Arrays =>
  Object.fromEntries(arrays.map(({ name, data, shape }) => [name, { data, shape }]));
