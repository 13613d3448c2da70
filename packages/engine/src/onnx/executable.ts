// A program in the thread of ONNX Runtime.
import type { Arrays } from '../arrays.ts';
import { resolveShape } from '../binding.ts';
import type { CompileOptions, Executable } from '../engine.ts';
import { planProgram } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { retainAll } from '../shared-weights.ts';
import { only, ThreadExecutable } from '../thread/thread-executable.ts';
import type { ProgramCalls } from '../thread/thread-executable.ts';
import type { Program } from '../trace.ts';
import { emitModel } from './emit.ts';
import type { EmitModelOptions } from './emit.ts';
import { outputPrefix } from './graph-builder.ts';
import type { CreateRequest, SessionSettings, TensorMessage } from './protocol.ts';
import type { OnnxThread, SessionCache } from './session-cache.ts';

/** What the programs of an engine have in common. */
export interface Place {
  thread: OnnxThread;
  sessions: SessionCache;
  settings: SessionSettings;
  emitOptions: EmitModelOptions;
  nextId: number;
}

export async function createExecutable(place: Place, program: Program, options: CompileOptions): Promise<Executable> {
  const { thread, sessions, settings, emitOptions } = place;
  const plan = planProgram(program, options);
  const releaseWeights = retainAll(Object.values(plan.shared), thread);
  try {
    const { file, externalData, sharedData, inputNames, inPlace } = emitModel(plan, {
      ...emitOptions,
      weightsAs: options.weightsAs,
    });
    const read = new Set(inputNames);
    const weights = messages(only(read, plan.weights));
    const shared = Object.entries(only(read, plan.shared)).map(
      ([name, { id }]) => [name, { weights: id, name }] as const,
    );
    const state = messages(options.state ?? {});
    const lease = await sessions.acquire({ settings, file, externalData, sharedData });
    const id = place.nextId++;
    const request: CreateRequest = {
      kind: 'create',
      program: id,
      session: lease.session,
      outputPrefix,
      weights,
      sharedWeights: Object.fromEntries(shared),
      state,
      inPlace,
    };
    const release = async () => {
      await lease.release();
      await releaseWeights();
    };
    try {
      await thread.call(request, buffers([...weights, ...state]));
    } catch (error) {
      await lease.release();
      throw error;
    }
    return new ThreadExecutable(plan, read, options.state ?? {}, { ...callsOf(thread, id, plan), release });
  } catch (error) {
    await releaseWeights();
    throw error;
  }
}

function callsOf(thread: OnnxThread, program: number, plan: Plan): Omit<ProgramCalls, 'release'> {
  return {
    async run(feeds, binding) {
      const given = messages(feeds);
      const outputs = Object.entries(plan.results).map(([name, { dtype, shape }]) => ({
        name,
        type: dtype === 'float' ? ('float32' as const) : ('int32' as const),
        dims: resolveShape(shape, binding),
      }));
      return arraysOf(await thread.call({ kind: 'run', program, feeds: given, outputs }, buffers(given)));
    },
    readState: async () => arraysOf(await thread.call({ kind: 'readState', program })),
    writeState(changes) {
      const state = messages(changes);
      return thread.call({ kind: 'writeState', program, state }, buffers(state));
    },
    dispose: () => thread.call({ kind: 'dispose', program }),
  };
}

/** Copies, since a message takes its memory along. */
export const messages = (arrays: Arrays): TensorMessage[] =>
  Object.entries(arrays).map(([name, { data, shape }]) => ({
    name,
    type: data instanceof Float32Array ? 'float32' : 'int32',
    dims: [...shape],
    data: data.slice(),
  }));

export const buffers = (tensors: readonly TensorMessage[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);

const arraysOf = (tensors: readonly TensorMessage[]): Arrays =>
  Object.fromEntries(tensors.map(({ name, data, dims }) => [name, { data, shape: dims }]));
