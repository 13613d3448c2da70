// What the threads of a step are given; types only, shared with step-worker.mjs.

/** What kernels/sparse-step.wasm exports. Pointers are byte addresses. */
export interface Kernels {
  scratchBytes(problem: number): number;
  packEncoder(problem: number): void;
  forwardBlock(problem: number, block: number, scratch: number): void;
  guessCandidateFloor(problem: number, scratch: number): void;
  candidateBlock(problem: number, block: number, scratch: number): void;
  chooseKept(problem: number, scratch: number): void;
  reconstructBlock(problem: number, block: number, scratch: number): void;
  sortPairs(problem: number): void;
  measureBlock(problem: number, block: number, scratch: number): void;
  limitGradients(problem: number, scratch: number): void;
  updateBlock(problem: number, block: number, scratch: number): void;
  updateDecoderBias(problem: number, scratch: number): void;
}

export interface StepSetup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** This thread; 0 leads. */
  thread: number;
  /** Addresses of the problem, the control words and this thread's scratch. */
  problem: number;
  control: number;
  scratch: number;
  sampleBlocks: number;
  featureBlocks: number;
  /** Whether the norm of all gradients is limited. */
  clipped: boolean;
  /** Where k is the batch's: how many latents are kept, where candidates begin, and where the problem's words of them are. */
  batchwide: null | {
    budget: number;
    candidatesAt: number;
    words: Record<
      | 'candidateCapacity'
      | 'candidateCount'
      | 'candidateFloor'
      | 'candidateIndices'
      | 'candidateValues'
      | 'candidateRanks'
      | 'smallestKept',
      number
    >;
  };
}

/** The leader's answer to 'step' and 'close', and its first word when it is ready. */
export type StepMessage = { kind: 'done' } | { kind: 'failed'; message: string };
