// The thread in which TensorFlow.js lives: its kernels block the thread that calls them.
// Plain JavaScript, so that it runs the same from the source (tsx, vitest) and from a packed dist.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';
import { loadBackend } from './backends.mjs';
import { interpret } from './interpreter.mjs';

/** @import { Tensor } from '@tensorflow/tfjs-core' */
/** @import { WorkerReply } from '../thread/worker-thread.ts' */
/** @import { LoweredProgram } from './instructions.ts' */
/** @import { ArrayMessage, CreateRequest, RunRequest, ThreadData, TfjsRequest } from './protocol.ts' */
/** @typedef {{ lowered: LoweredProgram, constants: Map<number, Tensor>, weights: Readonly<Record<string, number>>, state: Map<string, Tensor> }} Program */

const port = /** @type {NonNullable<typeof parentPort>} */ (parentPort);
const { gate, ...threadData } = /** @type {ThreadData & { gate: Int32Array }} */ (workerData);
/** Set while the library runs, and set by the process when it is about to exit: see ../thread/exit-guard.ts. */
const [busy, exiting] = [0, 1];

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function guarded(work) {
  Atomics.store(gate, busy, 1);
  try {
    if (Atomics.load(gate, exiting)) throw new Error('the process is exiting');
    return await work();
  } finally {
    Atomics.store(gate, busy, 0);
    Atomics.notify(gate, busy);
  }
}

const { library, ready, release } = await guarded(() => loadBackend(threadData));
const { tf } = library;
/** @type {Map<number, Map<string, Tensor>>} */
const shared = new Map();
/** @type {Map<number, Program>} */
const programs = new Map();

/** @param {{ shape: readonly number[], data: Float32Array | Int32Array }} array @returns {Tensor} */
const tensorOf = ({ shape, data }) => tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32');
/** @param {readonly ArrayMessage[]} arrays */
const tensorsOf = (arrays) => new Map(arrays.map((array) => [array.name, tensorOf(array)]));
/** @param {Iterable<Tensor>} tensors */
const disposeAll = (tensors) => {
  for (const tensor of tensors) tensor.dispose();
};

/** @param {string} name @param {Tensor} tensor @returns {Promise<ArrayMessage>} */
async function arrayOf(name, tensor) {
  const data = await tensor.data();
  const wanted = tensor.dtype === 'float32' ? Float32Array : Int32Array; // bools come as bytes
  const isWhole = data instanceof wanted && data.byteLength === data.buffer.byteLength;
  // What is sent loses its memory: never that of the library.
  const own = isWhole && threadData.backend === 'tensorflow' ? data : wanted.from(data);
  return { name, shape: tensor.shape, data: /** @type {Float32Array | Int32Array} */ (own) };
}

/** @param {number} id */
function programOf(id) {
  const program = programs.get(id);
  if (!program) throw new Error('this program is not in the worker');
  return program;
}

/** @param {CreateRequest} request */
function create({ session, program: lowered, weights, state }) {
  const constants = new Map(lowered.constants.map((constant) => [constant.register, tensorOf(constant)]));
  programs.set(session, { lowered, constants, weights, state: tensorsOf(state) });
}

/** @param {RunRequest} request */
async function run({ session, feeds, sizes, results }) {
  const { lowered, constants, weights, state } = programOf(session);
  const fed = tensorsOf(feeds);
  /** @type {Map<number, Tensor>} */
  const given = new Map(constants);
  for (const { name, register } of lowered.inputs) {
    const tensor = fed.get(name) ?? state.get(name) ?? shared.get(weights[name] ?? -1)?.get(name);
    if (tensor) given.set(register, tensor);
  }
  try {
    const outputs = await interpret(library, lowered, given, sizes);
    try {
      const arrays = [];
      for (const name of results) arrays.push(await arrayOf(name, /** @type {Tensor} */ (outputs.get(name))));
      // Only now: a run that failed leaves the state as it was.
      for (const [name, before] of state) {
        before.dispose();
        state.set(name, /** @type {Tensor} */ (outputs.get(name)));
        outputs.delete(name);
      }
      return arrays;
    } finally {
      disposeAll(outputs.values());
    }
  } finally {
    disposeAll(fed.values());
  }
}

/** @param {number} session */
async function readState(session) {
  const arrays = [];
  for (const [name, tensor] of programOf(session).state) arrays.push(await arrayOf(name, tensor));
  return arrays;
}

/** @param {number} session @param {ArrayMessage[]} arrays */
function writeState(session, arrays) {
  const { state } = programOf(session);
  for (const [name, tensor] of tensorsOf(arrays)) {
    state.get(name)?.dispose();
    state.set(name, tensor);
  }
}

/** @param {number} session */
function dispose(session) {
  const program = programs.get(session);
  programs.delete(session);
  if (program) disposeAll([...program.constants.values(), ...program.state.values()]);
}

/** @param {number} weights */
function unshare(weights) {
  disposeAll(shared.get(weights)?.values() ?? []);
  shared.delete(weights);
}

function memory() {
  const { numTensors, numBytes } = tf.memory();
  return [{ name: 'memory', shape: [2], data: Float32Array.of(numTensors, numBytes) }];
}

/** @param {TfjsRequest} request @returns {Promise<ArrayMessage[]>} */
async function answer(request) {
  switch (request.kind) {
    case 'share':
      shared.set(request.weights, tensorsOf(request.arrays));
      return [];
    case 'unshare':
      unshare(request.weights);
      return [];
    case 'create':
      create(request);
      return [];
    case 'run':
      return run(request);
    case 'readState':
      return readState(request.session);
    case 'writeState':
      writeState(request.session, request.state);
      return [];
    case 'dispose':
      dispose(request.session);
      return [];
    case 'memory':
      return memory();
    case 'close':
      for (const session of programs.keys()) dispose(session);
      for (const weights of shared.keys()) unshare(weights);
      release();
      return [];
  }
}

const kinds = new Set(['share', 'unshare', 'create', 'run', 'readState', 'writeState', 'dispose', 'memory', 'close']);

/** @param {{ id: number, request: TfjsRequest }} message */
async function handle({ id, request }) {
  if (!kinds.has(request.kind)) throw new Error(`unknown request ${request.kind}`); // ends the thread
  /** @type {WorkerReply<ArrayMessage[]>} */
  let reply;
  try {
    reply = { id, result: await guarded(() => answer(request)) };
  } catch (error) {
    reply = { id, error: `tfjs: ${error instanceof Error ? error.message : String(error)}` };
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
port.postMessage(ready);
