import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { ProblemMemory } from './problem-memory.ts';
import type { StepMessage, StepSetup } from './protocol.ts';

let compiled: Promise<WebAssembly.Module> | undefined;
const kernelModule = (): Promise<WebAssembly.Module> =>
  (compiled ??= readFile(new URL('./kernels/sparse-step.wasm', import.meta.url)).then((bytes) =>
    WebAssembly.compile(bytes),
  ));

/** The threads of one step: the first leads and gets messages, the others follow through shared memory. */
export class StepThreads {
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly exited: Promise<unknown>;

  private constructor(private readonly workers: Worker[]) {
    for (const worker of workers) {
      worker.on('error', (error: Error) => this.fail(error));
      worker.on('exit', () => this.fail(new Error('a thread of the sparse step ended')));
    }
    this.leader.on('message', (message: StepMessage) => {
      if (message.kind === 'failed') this.fail(new Error(message.message));
      else this.succeed();
    });
    this.exited = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  }

  static async start(problem: ProblemMemory): Promise<StepThreads> {
    const { memory, layout } = problem;
    const shared = {
      ...{ module: await kernelModule(), memory, problem: layout.problem, control: layout.control },
      ...{ sampleBlocks: layout.sampleBlocks, featureBlocks: layout.featureBlocks },
      clipped: problem.fields.get('clipped') === 1,
      batchwide: problem.sizes.budget > 0 ? batchwideSetup(problem) : null,
    };
    const workers = layout.scratch.map((scratch, thread) => {
      const workerData: StepSetup = { ...shared, thread, scratch };
      const url = new URL('./step-worker.mjs', import.meta.url);
      return new Worker(url, { workerData, execArgv: [], name: `sparse-step-${thread}` });
    });
    const threads = new StepThreads(workers);
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
    this.failure ??= new Error('the sparse step is closed');
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

/** What the leader needs to choose among the candidates of a batch. */
function batchwideSetup({ sizes, layout, fields }: ProblemMemory): NonNullable<StepSetup['batchwide']> {
  return {
    budget: sizes.budget,
    candidatesAt: layout.candidates.at,
    words: {
      candidateCapacity: fields.addressOf('candidateCapacity'),
      candidateCount: fields.addressOf('candidateCount'),
      candidateFloor: fields.addressOf('candidateFloor'),
      candidateIndices: fields.addressOf('candidateIndices'),
      candidateValues: fields.addressOf('candidateValues'),
      candidateRanks: fields.addressOf('candidateRanks'),
      smallestKept: fields.addressOf('smallestKept'),
    },
  };
}
