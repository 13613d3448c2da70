// A program in the thread of ONNX Runtime.
import type { Arrays } from '../arrays.ts';
import { resolveShape } from '../binding.ts';
import type { CompileOptions, Executable } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { bindRun, changedShapes, planProgram, shapesOf } from '../plan.ts';
import type { Plan, Shapes } from '../plan.ts';
import { retainAll } from '../shared-weights.ts';
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
    return new OnnxExecutable(thread, id, plan, read, shapesOf(options.state ?? {}), release);
  } catch (error) {
    await releaseWeights();
    throw error;
  }
}

class OnnxExecutable implements Executable {
  private disposed: Promise<void> | undefined;

  constructor(
    private readonly thread: OnnxThread,
    private readonly program: number,
    private readonly plan: Plan,
    private readonly read: ReadonlySet<string>,
    private stateShapes: Shapes,
    private readonly release: () => Promise<void>,
  ) {}

  async run(feeds: Arrays): Promise<Arrays> {
    this.checkOpen();
    const binding = bindRun(this.plan, feeds, this.stateShapes);
    const given = messages(only(this.read, feeds));
    const outputs = Object.entries(this.plan.results).map(([name, { dtype, shape }]) => ({
      name,
      type: dtype === 'float' ? ('float32' as const) : ('int32' as const),
      dims: resolveShape(shape, binding),
    }));
    const request = { kind: 'run', program: this.program, feeds: given, outputs } as const;
    return arraysOf(await this.thread.call(request, buffers(given)));
  }

  async readState(): Promise<Arrays> {
    this.checkOpen();
    return arraysOf(await this.thread.call({ kind: 'readState', program: this.program }));
  }

  async writeState(changes: Arrays): Promise<void> {
    this.checkOpen();
    this.stateShapes = changedShapes(this.plan, this.stateShapes, changes);
    const state = messages(changes);
    await this.thread.call({ kind: 'writeState', program: this.program, state }, buffers(state));
  }

  dispose(): Promise<void> {
    return (this.disposed ??= this.thread.call({ kind: 'dispose', program: this.program }).then(
      this.release,
      this.release, // the thread is gone, and with it the program
    ));
  }

  private checkOpen(): void {
    if (this.disposed) throw new EngineError('the executable is disposed');
  }
}

const only = <T>(names: ReadonlySet<string>, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));

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
