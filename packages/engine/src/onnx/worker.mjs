// The thread in which ONNX Runtime lives: its run() blocks the thread that calls it.
// Plain JavaScript, so that it runs the same from the source (tsx, vitest) and from a packed dist.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

/** @import { CreateRequest, OpenSessionRequest, RunRequest, SharedPlace, TensorMessage, WorkerRequest } from './protocol.ts' */
/** @import { WorkerReply } from '../thread/worker-thread.ts' */
/** @typedef {{ current: ort.Tensor, spare: ort.Tensor, output: string }} Kept in place, `spare` is `current` */
/** @typedef {Record<string, ort.Tensor>} Tensors */
/** @typedef {{ session: ort.InferenceSession, prefix: string, weights: Tensors, inPlace: Set<string>, state: Map<string, Kept> }} Program */

const port = /** @type {NonNullable<typeof parentPort>} */ (parentPort);
/** Set while native code runs, and set by the process when it is about to exit: see ../thread/exit-guard.ts. */
const [busy, exiting] = [0, 1];
const { gate, engine } = /** @type {{ gate: Int32Array, engine: string }} */ (workerData);

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function native(work) {
  Atomics.store(gate, busy, 1);
  try {
    if (Atomics.load(gate, exiting)) throw new Error('the process is exiting');
    return await work();
  } finally {
    Atomics.store(gate, busy, 0);
    Atomics.notify(gate, busy);
  }
}

/** @type {Map<number, Map<string, ort.Tensor>>} */
const shared = new Map();
/** @type {Map<number, ort.InferenceSession>} */
const sessions = new Map();
/** Sessions that write a profile. @type {Set<number>} */
const profiled = new Set();
/** @type {Map<number, Program>} */
const programs = new Map();

/** @param {TensorMessage} message */
const tensorOf = ({ type, data, dims }) => new ort.Tensor(type, data, dims);
/** @param {string} type @param {readonly number[]} dims */
const emptyTensor = (type, dims) => {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return type === 'int32'
    ? new ort.Tensor('int32', new Int32Array(size), dims)
    : new ort.Tensor('float32', new Float32Array(size), dims);
};
/** @param {string} name @param {ort.Tensor} tensor @returns {TensorMessage} */
const messageOf = (name, { type, data, dims }) => /** @type {TensorMessage} */ ({ name, type, dims, data });

/** @param {number} id */
function programOf(id) {
  const program = programs.get(id);
  if (!program) throw new Error('this program is not in the worker');
  return program;
}

/** @param {SharedPlace} place */
function sharedTensor({ weights, name }) {
  const tensor = shared.get(weights)?.get(name);
  if (!tensor) throw new Error(`the weight '${name}' is not in the worker`);
  return tensor;
}

/** @param {ort.Tensor} tensor */
const bytesOf = ({ data }) => {
  const { buffer, byteOffset, byteLength } = /** @type {Float32Array | Int32Array} */ (data);
  return new Uint8Array(buffer, byteOffset, byteLength);
};

/** @param {OpenSessionRequest} request */
async function openSession({ session: id, settings, file, externalData, sharedData }) {
  const { threads, spinning, providers, optimizedModelFilePath, profileFilePrefix } = settings;
  const external = [
    ...externalData,
    ...sharedData.map(({ path, place }) => ({ path, data: bytesOf(sharedTensor(place)) })),
  ];
  const options = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: providers,
    graphOptimizationLevel: /** @type {const} */ ('all'),
    logSeverityLevel: /** @type {const} */ (4), // errors are thrown; they need not be printed as well
    ...(external.length > 0 ? { externalData: external } : {}),
    ...(optimizedModelFilePath === undefined ? {} : { optimizedModelFilePath }),
    ...(profileFilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix }),
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
  sessions.set(id, await native(() => ort.InferenceSession.create(file, options)));
  if (profileFilePrefix !== undefined) profiled.add(id);
  return [];
}

/** @param {CreateRequest} request */
function create({ program: id, session: sessionId, outputPrefix, weights, sharedWeights, state, inPlace }) {
  const session = sessions.get(sessionId);
  if (!session) throw new Error('this session is not in the worker');
  /** @type {Tensors} */
  const bound = {};
  for (const message of weights) bound[message.name] = tensorOf(message);
  for (const [name, place] of Object.entries(sharedWeights)) bound[name] = sharedTensor(place);
  const program = { session, prefix: outputPrefix, weights: bound, inPlace: new Set(inPlace), state: new Map() };
  programs.set(id, program);
  keep(program, state);
}

/** @param {Program} program @param {TensorMessage[]} state */
function keep(program, state) {
  for (const message of state) {
    const current = tensorOf(message);
    const spare = program.inPlace.has(message.name) ? current : emptyTensor(message.type, message.dims);
    program.state.set(message.name, { current, spare, output: program.prefix + message.name });
  }
}

/** @param {RunRequest} request */
async function run({ program: id, feeds, outputs }) {
  const { session, prefix, weights, state } = programOf(id);
  const read = new Set(session.inputNames);
  /** @type {Tensors} */
  const given = { ...weights };
  /** @type {Tensors} */
  const made = {};
  for (const message of feeds) given[message.name] = tensorOf(message);
  for (const { name, type, dims } of outputs) made[prefix + name] = emptyTensor(type, dims);
  for (const [name, { current, spare, output }] of state) {
    if (read.has(name)) given[name] = current;
    made[output] = spare;
  }
  await native(() => session.run(given, made));
  // Only now: a run that failed leaves the state as it was.
  for (const kept of state.values()) [kept.current, kept.spare] = [kept.spare, kept.current];
  return outputs.map(({ name }) => messageOf(name, /** @type {ort.Tensor} */ (made[prefix + name])));
}

/** @param {number} id */
function readState(id) {
  return [...programOf(id).state].map(([name, { current }]) => {
    const message = messageOf(name, current);
    return { ...message, data: message.data.slice() };
  });
}

/** @param {number} id */
async function closeSession(id) {
  const session = sessions.get(id);
  sessions.delete(id);
  if (!session) return;
  if (profiled.delete(id)) session.endProfiling();
  await native(() => session.release());
}

const kinds = new Set([
  ...['share', 'unshare', 'openSession', 'closeSession'],
  ...['create', 'run', 'readState', 'writeState', 'dispose', 'close'],
]);

/** @param {WorkerRequest} request @returns {Promise<TensorMessage[]>} */
async function answer(request) {
  switch (request.kind) {
    case 'share':
      shared.set(request.weights, new Map(request.tensors.map((message) => [message.name, tensorOf(message)])));
      return [];
    case 'unshare':
      shared.delete(request.weights);
      return [];
    case 'openSession':
      return openSession(request);
    case 'closeSession':
      await closeSession(request.session);
      return [];
    case 'create':
      create(request);
      return [];
    case 'run':
      return run(request);
    case 'readState':
      return readState(request.program);
    case 'writeState':
      keep(programOf(request.program), request.state);
      return [];
    case 'dispose':
      programs.delete(request.program);
      return [];
    case 'close':
      programs.clear();
      shared.clear();
      for (const id of sessions.keys()) await closeSession(id);
      return [];
  }
}

/** @param {{ id: number, request: WorkerRequest }} message */
async function handle({ id, request }) {
  if (!kinds.has(request.kind)) throw new Error(`unknown request ${request.kind}`); // ends the thread
  /** @type {WorkerReply<TensorMessage[]>} */
  let reply;
  try {
    reply = { id, result: await answer(request) };
  } catch (error) {
    reply = { id, error: `${engine}: ${error instanceof Error ? error.message : String(error)}` };
  }
  const buffers = 'result' in reply ? reply.result.map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer)) : [];
  port.postMessage(reply, buffers);
  if (request.kind === 'close') port.close();
}

// One request at a time, in order: state makes the order matter.
let last = Promise.resolve();
port.on('message', (message) => {
  last = last.then(() => handle(message));
});
ort.env.logLevel = 'fatal'; // as above, for what a provider says before there is a session
port.postMessage({ version: ort.env.versions.node ?? ort.env.versions.common });
