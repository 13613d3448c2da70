// Programs on ONNX Runtime, CPU: one thread per engine, any number of programs in it.
import { availableParallelism } from 'node:os';
import type { Arrays } from '../arrays.ts';
import { resolveShape } from '../binding.ts';
import type { CompileOptions, Engine, Executable } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { bindRun, changedShapes, planProgram, shapesOf } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import type { Program } from '../trace.ts';
import { emitModel } from './emit.ts';
import type { Fuse } from './emit.ts';
import { outputPrefix } from './graph-builder.ts';
import type { TensorMessage, WorkerReady, WorkerRequest } from './protocol.ts';

export interface OnnxEngineOptions {
  /** How many cores one operation may use; all by default. */
  threads?: number;
  /** For tests and measurements: which fused ops become one kernel (default: all). */
  fuse?: Fuse;
}

type OnnxThread = WorkerThread<WorkerRequest, TensorMessage[]>;

/** Starts the thread and waits until ONNX Runtime is loaded in it. */
export async function startOnnxThread(): Promise<{ thread: OnnxThread; version: string }> {
  const script = new URL('./worker.mjs', import.meta.url);
  const { thread, ready } = await WorkerThread.start<WorkerRequest, TensorMessage[], WorkerReady>({
    name: 'onnxruntime',
    script,
    library: 'onnxruntime-node',
  });
  return { thread, version: ready.version };
}

export async function openOnnxEngine(options: OnnxEngineOptions = {}): Promise<Engine> {
  const { threads = availableParallelism(), fuse = true } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new EngineError(`threads must be 1 or more, got ${threads}`);
  const { thread, version } = await startOnnxThread();
  let sessions = 0;
  return {
    name: 'onnx-cpu',
    description: `onnxruntime-node ${version}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    threads,
    compile: (program, compileOptions = {}) =>
      createExecutable({ thread, session: sessions++, threads, fuse }, program, compileOptions),
    close: () => thread.close({ kind: 'close' }),
  };
}

interface Place {
  thread: OnnxThread;
  session: number;
  threads: number;
  fuse: Fuse;
}

async function createExecutable(place: Place, program: Program, options: CompileOptions): Promise<Executable> {
  const { thread, session, threads, fuse } = place;
  const plan = planProgram(program, options);
  const model = emitModel(plan, fuse);
  const state = messages(options.state ?? {});
  const externalData = model.externalData.map(({ path, data }) => ({ path, data: data.slice() }));
  await thread.call(
    { kind: 'create', session, threads, file: model.file, externalData, outputPrefix, state, inPlace: model.inPlace },
    [model.file.buffer, ...externalData.map(({ data }) => data.buffer), ...buffers(state)],
  );
  return new OnnxExecutable(thread, session, plan, new Set(model.inputNames), shapesOf(options.state ?? {}));
}

class OnnxExecutable implements Executable {
  private disposed: Promise<void> | undefined;

  constructor(
    private readonly thread: OnnxThread,
    private readonly session: number,
    private readonly plan: Plan,
    private readonly read: ReadonlySet<string>,
    private stateShapes: Record<string, readonly number[]>,
  ) {}

  async run(feeds: Arrays): Promise<Arrays> {
    this.checkOpen();
    const binding = bindRun(this.plan, feeds, this.stateShapes);
    const given = messages(Object.fromEntries(Object.entries(feeds).filter(([name]) => this.read.has(name))));
    const outputs = Object.entries(this.plan.results).map(([name, { dtype, shape }]) => ({
      name,
      type: dtype === 'float' ? ('float32' as const) : ('int32' as const),
      dims: resolveShape(shape, binding),
    }));
    return arraysOf(
      await this.thread.call({ kind: 'run', session: this.session, feeds: given, outputs }, buffers(given)),
    );
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
    return (this.disposed ??= this.thread.call({ kind: 'dispose', session: this.session }).then(
      () => undefined,
      () => undefined, // the thread is gone, and with it the program
    ));
  }

  private checkOpen(): void {
    if (this.disposed) throw new EngineError('the executable is disposed');
  }
}

/** Copies, since a message takes its memory along. */
const messages = (arrays: Arrays): TensorMessage[] =>
  Object.entries(arrays).map(([name, { data, shape }]) => ({
    name,
    type: data instanceof Float32Array ? 'float32' : 'int32',
    dims: [...shape],
    data: data.slice(),
  }));

const buffers = (tensors: readonly TensorMessage[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);

const arraysOf = (tensors: readonly TensorMessage[]): Arrays =>
  Object.fromEntries(tensors.map(({ name, data, dims }) => [name, { data, shape: dims }]));
