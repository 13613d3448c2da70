import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { encoderModel } from './encoder-model.ts';
import type { ProblemField } from './layout.ts';
import type { ProblemMemory } from './problem-memory.ts';

type Message = { kind: 'ready' } | { kind: 'done' } | { kind: 'failed'; message: string };

let compiled: Promise<WebAssembly.Module> | undefined;
const kernelModule = (): Promise<WebAssembly.Module> =>
  (compiled ??= readFile(new URL('./kernels/topk-step.wasm', import.meta.url)).then((bytes) => WebAssembly.compile(bytes)));

/** The threads of one step: the first leads and gets messages, the others follow through shared memory. */
export class StepThreads {
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;

  private constructor(
    private readonly workers: Worker[],
    private readonly control: Int32Array,
  ) {
    for (const worker of workers) {
      worker.on('error', (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => this.fail(new Error('a thread of the TopK step ended')));
    }
    this.leader.on('message', (message: Message) => {
      if (message.kind === 'failed') this.fail(new Error(message.message));
      else this.succeed();
    });
  }

  static async start(problem: ProblemMemory): Promise<StepThreads> {
    const { memory, layout, sizes } = problem;
    const shared = {
      module: await kernelModule(), memory, threads: sizes.threads, problem: layout.problem, control: layout.control,
      sampleBlocks: layout.sampleBlocks, featureBlocks: layout.featureBlocks,
      encoder: sizes.encoded ? encoderSetup(problem) : null,
    }; // prettier-ignore
    const workers = Array.from(
      { length: sizes.threads },
      (_, thread) =>
        new Worker(new URL('./topk-worker.mjs', import.meta.url), {
          workerData: { ...shared, thread, scratch: layout.scratch[thread] },
          execArgv: [],
          name: `topk-step-${thread}`,
        }),
    );
    const threads = new StepThreads(workers, new Int32Array(memory.buffer, layout.control, 16));
    await threads.next();
    return threads;
  }

  /** Runs one step over what the memory holds. */
  async run(): Promise<void> {
    const done = this.next();
    this.leader.postMessage('step');
    await done;
  }

  async close(): Promise<void> {
    this.failure ??= new Error('the TopK step is closed');
    const stop = 3;
    Atomics.store(this.control, stop, 1);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private get leader(): Worker {
    return this.workers[0]!;
  }

  /** Waits for the leader's next message. The threads keep the process alive only while somebody waits. */
  private next(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.leader.ref();
    return new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  private succeed(): void {
    for (const worker of this.workers) worker.unref();
    this.settle?.resolve();
    this.settle = undefined;
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = undefined;
  }
}

/** What the leader needs to run the encoder in ONNX Runtime over arrays of the problem. */
function encoderSetup(problem: ProblemMemory) {
  const { batch, dSae } = problem.sizes;
  const { width } = problem.layout;
  const at = (field: ProblemField, ...shape: number[]) => ({ at: problem.address(field), shape });
  return {
    model: encoderModel(batch, width, dSae),
    inputs: {
      x: at('x', batch, width),
      decoderBias: at('decoderBias', width),
      encoder: at('encoder', dSae, width),
      encoderBias: at('encoderBias', dSae),
    },
    output: at('preActivations', batch, dSae),
  };
}
