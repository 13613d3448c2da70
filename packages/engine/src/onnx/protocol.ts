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

/** Arrays that any number of sessions and programs read. */
export interface ShareRequest {
  kind: 'share';
  weights: number;
  tensors: TensorMessage[];
}
export interface UnshareRequest {
  kind: 'unshare';
  weights: number;
}
/** Where an array of a {@link ShareRequest} is. */
export interface SharedPlace {
  weights: number;
  name: string;
}

/** How ONNX Runtime is to run a session. */
export interface SessionSettings {
  threads: number;
  spinning: boolean;
  providers: string[];
  /** Files for tests and measurements: the graph after optimisation, and a profile (a prefix of its name). */
  optimizedModelFilePath?: string;
  profileFilePrefix?: string;
}
/** A graph, optimised and ready to run; any number of programs may run it, each with weights and state of its own. */
export interface OpenSessionRequest {
  kind: 'openSession';
  session: number;
  settings: SessionSettings;
  file: Uint8Array;
  externalData: { path: string; data: Uint8Array }[];
  /** External data that is in the worker already. */
  sharedData: { path: string; place: SharedPlace }[];
}
export interface CloseSessionRequest {
  kind: 'closeSession';
  session: number;
}

export interface CreateRequest {
  kind: 'create';
  program: number;
  session: number;
  outputPrefix: string;
  /** Weights that the session takes as inputs. */
  weights: TensorMessage[];
  sharedWeights: Record<string, SharedPlace>;
  state: TensorMessage[];
  /** State whose output may share the input's memory. */
  inPlace: string[];
}
export interface RunRequest {
  kind: 'run';
  program: number;
  feeds: TensorMessage[];
  outputs: OutputMessage[];
}
export interface ReadStateRequest {
  kind: 'readState';
  program: number;
}
export interface WriteStateRequest {
  kind: 'writeState';
  program: number;
  state: TensorMessage[];
}
export interface DisposeRequest {
  kind: 'dispose';
  program: number;
}
/** Frees everything and ends the thread. */
export interface CloseRequest {
  kind: 'close';
}
export type WorkerRequest =
  | ShareRequest
  | UnshareRequest
  | OpenSessionRequest
  | CloseSessionRequest
  | CreateRequest
  | RunRequest
  | ReadStateRequest
  | WriteStateRequest
  | DisposeRequest
  | CloseRequest;

/** The first message: ONNX Runtime is loaded. */
export interface WorkerReady {
  version: string;
}
