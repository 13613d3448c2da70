// A thread of the TopK step. Thread 0 leads: it gets the messages, runs ONNX Runtime's encoder where one is used, and
// deals out blocks of work. The others sleep until there is some. Plain JavaScript, so that a worker starts from
// source and from a packed package alike.
import { parentPort, workerData } from 'node:worker_threads';

/**
 * @typedef {object} Kernels what kernels/topk-step.wasm exports
 * @property {(problem: number) => void} packEncoder
 * @property {(problem: number, block: number, scratch: number) => void} forwardBlock
 * @property {(problem: number) => void} sortPairs
 * @property {(problem: number, block: number, scratch: number) => void} updateBlock
 * @property {(problem: number, scratch: number) => void} updateDecoderBias
 *
 * @typedef {object} Setup
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {number} thread
 * @property {number} threads
 * @property {number} problem address of the problem
 * @property {number} control address of the control words
 * @property {number} scratch address of this thread's scratch
 * @property {number} sampleBlocks
 * @property {number} featureBlocks
 * @property {{ model: Uint8Array, inputs: Record<string, { at: number, shape: number[] }>, output: { at: number, shape: number[] } } | null} encoder
 */

/** @type {Setup} */
const setup = workerData;
const kernels = /** @type {Kernels} */ (
  /** @type {unknown} */ ((await WebAssembly.instantiate(setup.module, { env: { memory: setup.memory } })).exports)
);
const control = new Int32Array(setup.memory.buffer, setup.control, 16);

// Control words. TICKET holds a phase in its high bits and the next block of it in its low bits, so that one atomic
// add claims a block, and a thread that wakes late can never run a block of one phase as another's.
const GENERATION = 0;
const TICKET = 1;
const DONE = 2;
const STOP = 3;
const BLOCK_BITS = 24;
const FORWARD = 1;
const UPDATE = 2;

const phases = {
  [FORWARD]: { blocks: setup.sampleBlocks, run: kernels.forwardBlock },
  [UPDATE]: { blocks: setup.featureBlocks, run: kernels.updateBlock },
};

/** Claims blocks until none is left. */
function work() {
  for (;;) {
    const ticket = Atomics.add(control, TICKET, 1);
    const phase = phases[/** @type {1 | 2} */ (ticket >> BLOCK_BITS)];
    const block = ticket & ((1 << BLOCK_BITS) - 1);
    if (!phase || block >= phase.blocks) return;
    phase.run(setup.problem, block, setup.scratch);
    if (Atomics.add(control, DONE, 1) + 1 === phase.blocks) Atomics.notify(control, DONE);
  }
}

/** Runs all blocks of a phase with all threads. @param {1 | 2} phase */
function runPhase(phase) {
  Atomics.store(control, DONE, 0);
  Atomics.store(control, TICKET, phase << BLOCK_BITS);
  Atomics.add(control, GENERATION, 1);
  Atomics.notify(control, GENERATION);
  work();
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === phases[phase].blocks) return;
    Atomics.wait(control, DONE, done);
  }
}

function follow() {
  let seen = 0;
  while (Atomics.load(control, STOP) === 0) {
    Atomics.wait(control, GENERATION, seen);
    seen = Atomics.load(control, GENERATION);
    work();
  }
}

/** @returns {Promise<() => Promise<void>>} fills in the pre-activations */
async function openEncoder() {
  const { encoder, memory, threads } = setup;
  if (!encoder) return async () => {};
  const { InferenceSession, Tensor } = (await import('onnxruntime-node')).default;
  // Spinning would take the cores from the kernels' threads.
  const session = await InferenceSession.create(encoder.model, {
    intraOpNumThreads: threads,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  /** @param {{ at: number, shape: number[] }} place */
  const bind = ({ at, shape }) => {
    const here = new Float32Array(memory.buffer, at, shape.reduce((a, b) => a * b, 1));
    // Node 20's ONNX Runtime takes no shared memory, so arrays go through copies.
    const copy = new Float32Array(here.length);
    return { here, copy, tensor: new Tensor('float32', copy, shape) };
  };
  const inputs = Object.entries(encoder.inputs).map(([name, place]) => ({ name, ...bind(place) }));
  const feeds = Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor]));
  const output = bind(encoder.output);
  return async () => {
    for (const { here, copy } of inputs) copy.set(here);
    await session.run(feeds, { preActivations: output.tensor });
    output.here.set(output.copy);
  };
}

async function lead() {
  const port = parentPort;
  if (!port) throw new Error('topk-worker.mjs runs as a worker thread only');
  const encode = await openEncoder();
  if (!setup.encoder) kernels.packEncoder(setup.problem);
  const step = async () => {
    await encode();
    runPhase(FORWARD);
    kernels.sortPairs(setup.problem);
    runPhase(UPDATE);
    kernels.updateDecoderBias(setup.problem, setup.scratch);
  };
  port.on('message', () => {
    step().then(
      () => port.postMessage({ kind: 'done' }),
      (error) => port.postMessage({ kind: 'failed', message: String(error?.message ?? error) }),
    );
  });
  port.postMessage({ kind: 'ready' });
}

if (setup.thread === 0) await lead();
else follow();
