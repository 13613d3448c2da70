import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { guardExit } from '../thread/exit-guard.ts';
import { encoderModel } from './encoder-model.ts';
import type { ProblemField } from './layout.ts';
import type { ProblemMemory } from './problem-memory.ts';
import type { StepMessage, StepSetup } from './protocol.ts';

let compiled: Promise<WebAssembly.Module> | undefined;
const kernelModule = (): Promise<WebAssembly.Module> =>
  (compiled ??= readFile(new URL('./kernels/topk-step.wasm', import.meta.url)).then((bytes) =>
    WebAssembly.compile(bytes),
  ));

/** The threads of one step: the first leads and gets messages, the others follow through shared memory. */
export class StepThreads {
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly workers: Worker[],
    removeGuard: () => void,
  ) {
    for (const worker of workers) {
      worker.on('error', (error: Error) => this.fail(error));
      worker.on('exit', () => this.fail(new Error('a thread of the TopK step ended')));
    }
    this.leader.on('message', (message: StepMessage) => {
      if (message.kind === 'failed') this.fail(new Error(message.message));
      else this.succeed();
    });
    this.exited = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))).then(
      removeGuard,
    );
  }

  static async start(problem: ProblemMemory): Promise<StepThreads> {
    const { memory, layout, sizes } = problem;
    const { gate, removeGuard } = guardExit();
    const shared = {
      ...{ module: await kernelModule(), memory, gate, threads: sizes.threads },
      ...{ problem: layout.problem, control: layout.control },
      ...{ sampleBlocks: layout.sampleBlocks, featureBlocks: layout.featureBlocks },
      encoder: sizes.encoded ? encoderSetup(problem) : null,
    };
    const workers = layout.scratch.map((scratch, thread) => {
      const workerData: StepSetup = { ...shared, thread, scratch };
      const url = new URL('./topk-worker.mjs', import.meta.url);
      return new Worker(url, { workerData, execArgv: [], name: `topk-step-${thread}` });
    });
    const threads = new StepThreads(workers, removeGuard);
    await threads.answer();
    return threads;
  }

  /** Runs one step over what the memory holds. */
  run(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.running = this.answer();
    this.leader.postMessage('step');
    return this.running;
  }

  /** Lets a running step finish and ends the threads. Calling it again does nothing. */
  async close(): Promise<void> {
    await this.running.catch(() => undefined);
    for (const worker of this.workers) worker.ref();
    if (this.failure) for (const worker of this.workers) void worker.terminate();
    else this.leader.postMessage('close');
    this.failure ??= new Error('the TopK step is closed');
    await this.exited;
  }

  private get leader(): Worker {
    return this.workers[0]!;
  }

  /** Waits for the leader's next message. The threads keep the process alive only while somebody waits. */
  private answer(): Promise<void> {
    this.leader.ref();
    return new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  private succeed(): void {
    if (!this.settle) return;
    for (const worker of this.workers) worker.unref();
    this.settle.resolve();
    this.settle = undefined;
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = undefined;
  }
}

/** What the leader needs to run the encoder in ONNX Runtime over arrays of the problem. */
function encoderSetup(problem: ProblemMemory): NonNullable<StepSetup['encoder']> {
  const { batch, dSae } = problem.sizes;
  const { width } = problem.layout;
  const at = (field: ProblemField, ...shape: number[]) => ({ at: problem.address(field), shape });
  const { file, output } = encoderModel(batch, width, dSae);
  const inputs = {
    x: at('x', batch, width),
    decoderBias: at('decoderBias', width),
    encoder: at('encoder', dSae, width),
    encoderBias: at('encoderBias', dSae),
  };
  return { file, inputs, output: { name: output, place: at('preActivations', batch, dSae) } };
}
