// What the engine and its worker thread say to each other. Each request has one reply with the same id, in order.

/** An array on its way between threads. Its memory is transferred, not copied. */
export interface TensorMessage {
  name: string;
  type: 'float32' | 'int32';
  dims: readonly number[];
  data: Float32Array | Int32Array;
}
/** A result that the worker is to make: state stays there, the rest comes back. */
export type OutputMessage = Omit<TensorMessage, 'data'>;

export interface CreateRequest {
  kind: 'create';
  session: number;
  threads: number;
  file: Uint8Array;
  externalData: { path: string; data: Uint8Array }[];
  outputPrefix: string;
  state: TensorMessage[];
  /** State whose output may share the input's memory. */
  inPlace: string[];
}
export interface RunRequest {
  kind: 'run';
  session: number;
  feeds: TensorMessage[];
  outputs: OutputMessage[];
}
export interface ReadStateRequest {
  kind: 'readState';
  session: number;
}
export interface WriteStateRequest {
  kind: 'writeState';
  session: number;
  state: TensorMessage[];
}
export interface DisposeRequest {
  kind: 'dispose';
  session: number;
}
/** Frees all sessions and ends the thread. */
export interface CloseRequest {
  kind: 'close';
}
export type WorkerRequest =
  CreateRequest | RunRequest | ReadStateRequest | WriteStateRequest | DisposeRequest | CloseRequest;

/** The first message: ONNX Runtime is loaded. */
export interface WorkerReady {
  version: string;
}
