// What the threads of a step are given; types only, shared with topk-worker.mjs.

/** What kernels/topk-step.wasm exports. Pointers are byte addresses. */
export interface Kernels {
  packEncoder(problem: number): void;
  forwardBlock(problem: number, block: number, scratch: number): void;
  sortPairs(problem: number): void;
  updateBlock(problem: number, block: number, scratch: number): void;
  updateDecoderBias(problem: number, scratch: number): void;
}

/** An array of the problem as ONNX Runtime sees it. */
export interface Place {
  at: number;
  shape: number[];
}

export interface StepSetup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** This thread; 0 leads. */
  thread: number;
  threads: number;
  /** Addresses of the problem, the control words and this thread's scratch. */
  problem: number;
  control: number;
  scratch: number;
  sampleBlocks: number;
  featureBlocks: number;
  /** Says when native code runs; see ../thread/exit-guard.ts. */
  gate: Int32Array;
  encoder: { file: Uint8Array; inputs: Record<string, Place>; output: { name: string; place: Place } } | null;
}

/** The leader's answer to 'step' and 'close', and its first word when it is ready. */
export type StepMessage = { kind: 'done' } | { kind: 'failed'; message: string };
