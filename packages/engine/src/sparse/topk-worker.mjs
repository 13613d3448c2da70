// A thread of the TopK step. Thread 0 leads: it gets the messages, runs ONNX Runtime's encoder where one is used, and
// deals out blocks of work. The others sleep until there is some. Plain JavaScript, so that a worker starts from the
// source and from a packed package alike.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';

/** @import { Kernels, StepSetup } from './protocol.ts' */

const setup = /** @type {StepSetup} */ (workerData);
const instance = await WebAssembly.instantiate(setup.module, { env: { memory: setup.memory } });
const kernels = /** @type {Kernels} */ (/** @type {unknown} */ (instance.exports));
const control = new Int32Array(setup.memory.buffer, setup.control, 16);

// Words of the control block. TICKET holds a phase in its high bits and the next block of it in its low bits, so that
// one atomic add claims a block, and a thread that wakes late can never run a block of one phase as another's.
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
  wakeFollowers();
  work();
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === phases[phase].blocks) return;
    Atomics.wait(control, DONE, done);
  }
}

function wakeFollowers() {
  Atomics.add(control, GENERATION, 1);
  Atomics.notify(control, GENERATION);
}

function follow() {
  for (let seen = 0; Atomics.load(control, STOP) === 0;) {
    Atomics.wait(control, GENERATION, seen);
    seen = Atomics.load(control, GENERATION);
    work();
  }
}

/** What fills in the pre-activations before the kernels run, where they don't do it themselves. */
async function openEncoder() {
  const { encoder, memory, threads, gate } = setup;
  if (!encoder) return { encode: async () => {}, release: async () => {} };
  const { InferenceSession, Tensor } = (await import('onnxruntime-node')).default;
  // Spinning would take the cores from the kernels' threads.
  const session = await InferenceSession.create(encoder.file, {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  /** @param {{ at: number, shape: number[] }} place */
  const bind = ({ at, shape }) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    // Node 20's ONNX Runtime takes no shared memory, so arrays go through copies.
    const copy = new Float32Array(size);
    return { here: new Float32Array(memory.buffer, at, size), copy, tensor: new Tensor('float32', copy, shape) };
  };
  const inputs = Object.entries(encoder.inputs).map(([name, place]) => ({ name, ...bind(place) }));
  const feeds = Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor]));
  const output = bind(encoder.output.place);
  const encode = async () => {
    for (const { here, copy } of inputs) copy.set(here);
    Atomics.store(gate, 0, 1); // native code runs: see ../thread/exit-guard.ts
    try {
      if (Atomics.load(gate, 1)) throw new Error('the process is exiting');
      await session.run(feeds, { [encoder.output.name]: output.tensor });
    } finally {
      Atomics.store(gate, 0, 0);
      Atomics.notify(gate, 0);
    }
    output.here.set(output.copy);
  };
  return { encode, release: () => session.release() };
}

async function lead() {
  const port = /** @type {NonNullable<typeof parentPort>} */ (parentPort);
  const { encode, release } = await openEncoder();
  if (!setup.encoder) kernels.packEncoder(setup.problem);
  const step = async () => {
    await encode();
    runPhase(FORWARD);
    kernels.sortPairs(setup.problem);
    runPhase(UPDATE);
    kernels.updateDecoderBias(setup.problem, setup.scratch);
  };
  const close = async () => {
    Atomics.store(control, STOP, 1);
    wakeFollowers();
    await release();
    port.close();
  };
  port.on('message', (/** @type {'step' | 'close'} */ message) => {
    (message === 'close' ? close() : step()).then(
      () => port.postMessage({ kind: 'done' }),
      (error) => port.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  });
  port.postMessage({ kind: 'done' });
}

if (setup.thread === 0) await lead();
else follow();
