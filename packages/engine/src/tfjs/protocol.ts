// What the TensorFlow.js engine and its thread say to each other. Each request has one reply with the same id, in order.
import type { LoweredProgram } from './instructions.ts';

export type BackendName = 'wasm' | 'webgpu' | 'tensorflow';

/** An array on its way between threads. Its memory is transferred, not copied. */
export interface ArrayMessage {
  name: string;
  shape: readonly number[];
  data: Float32Array | Int32Array;
}

export interface ThreadData {
  backend: BackendName;
  /** Where the optional package is; undefined for wasm, which is always there. */
  module: string | undefined;
}

/** The first message: the backend is ready. */
export interface BackendReady {
  /** Library, version and device, for people. */
  description: string;
  /** A graphics card does the work; false for the processor (a software adapter, a build without its GPU). */
  accelerated: boolean;
}

/** Arrays that any number of programs read as weights; one copy on the device. */
export interface ShareRequest {
  kind: 'share';
  weights: number;
  arrays: ArrayMessage[];
}
export interface UnshareRequest {
  kind: 'unshare';
  weights: number;
}
export interface CreateRequest {
  kind: 'create';
  session: number;
  program: LoweredProgram;
  /** The `weights` of the share request in which each of its weights came. */
  weights: Readonly<Record<string, number>>;
  state: ArrayMessage[];
}
export interface RunRequest {
  kind: 'run';
  session: number;
  feeds: ArrayMessage[];
  /** Values of the symbols of symbolic dims. */
  sizes: Record<string, number>;
  /** Outputs to give back; those of the state stay. */
  results: string[];
}
export interface ReadStateRequest {
  kind: 'readState';
  session: number;
}
export interface WriteStateRequest {
  kind: 'writeState';
  session: number;
  state: ArrayMessage[];
}
export interface DisposeRequest {
  kind: 'dispose';
  session: number;
}
/** How many arrays and bytes the library holds, for tests of leaks. */
export interface MemoryRequest {
  kind: 'memory';
}
/** Frees everything and ends the thread. */
export interface CloseRequest {
  kind: 'close';
}
export type TfjsRequest =
  | ShareRequest
  | UnshareRequest
  | CreateRequest
  | RunRequest
  | ReadStateRequest
  | WriteStateRequest
  | DisposeRequest
  | MemoryRequest
  | CloseRequest;
