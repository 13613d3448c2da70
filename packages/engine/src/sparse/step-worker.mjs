// A thread of the sparse step. Thread 0 leads: it gets the messages and deals out blocks of work. The others sleep until
// there is some. Plain JavaScript, so that a worker starts from the source and from a packed package alike.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';

/** @import { Kernels, StepSetup } from './protocol.ts' */

const setup = /** @type {StepSetup} */ (workerData);
const { memory, problem, scratch } = setup;
const instance = await WebAssembly.instantiate(setup.module, { env: { memory } });
const kernels = /** @type {Kernels} */ (/** @type {unknown} */ (instance.exports));
const control = new Int32Array(memory.buffer, setup.control, 16);

// Words of the control block. TICKET holds a phase in its high bits and the next block of it in its low bits, so that
// one atomic add claims a block, and a thread that wakes late can never run a block of one phase as another's.
const GENERATION = 0;
const TICKET = 1;
const DONE = 2;
const STOP = 3;
const BLOCK_BITS = 24;

const phases = [
  { blocks: 0, run: () => {} },
  { blocks: setup.sampleBlocks, run: kernels.forwardBlock },
  { blocks: setup.sampleBlocks, run: kernels.candidateBlock },
  { blocks: setup.sampleBlocks, run: kernels.reconstructBlock },
  { blocks: setup.featureBlocks, run: kernels.measureBlock },
  { blocks: setup.featureBlocks, run: kernels.updateBlock },
];
const [FORWARD, CANDIDATES, RECONSTRUCT, MEASURE, UPDATE] = [1, 2, 3, 4, 5];

/** Claims blocks until none is left. */
function work() {
  for (;;) {
    const ticket = Atomics.add(control, TICKET, 1);
    const phase = phases[ticket >> BLOCK_BITS];
    const block = ticket & ((1 << BLOCK_BITS) - 1);
    if (!phase || block >= phase.blocks) return;
    phase.run(problem, block, scratch);
    if (Atomics.add(control, DONE, 1) + 1 === phase.blocks) Atomics.notify(control, DONE);
  }
}

/** Runs all blocks of a phase with all threads. @param {number} phase */
function runPhase(phase) {
  Atomics.store(control, DONE, 0);
  Atomics.store(control, TICKET, phase << BLOCK_BITS);
  wakeFollowers();
  work();
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === phases[phase]?.blocks) return;
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

/** How far below the last batch's smallest kept rank candidates are looked for: more find enough at once, and cost more. */
const MARGIN = 0.9;
/** How much lower to look when there were too few; after some times, at everything positive. */
const LOWER = 0.7;
const MOST_TRIES = 6;

/** BatchTopK: which latents of the batch are kept. What is tried on the way changes nothing but the time. */
function batchEncoder(/** @type {NonNullable<StepSetup['batchwide']>} */ { budget, candidatesAt, words }) {
  const view = () => new DataView(memory.buffer);
  const count = () => view().getInt32(words.candidateCount, true);
  const floor = () => view().getFloat32(words.candidateFloor, true);
  const setFloor = (/** @type {number} */ value) => view().setFloat32(words.candidateFloor, value, true);
  let guessed = false;

  function grow() {
    const capacity = Math.ceil((count() * 5) / 16) * 4;
    const bytes = candidatesAt + 12 * capacity;
    const missing = Math.ceil(bytes / 65_536) - memory.buffer.byteLength / 65_536;
    try {
      if (missing > 0) memory.grow(missing);
    } catch (cause) {
      throw new Error(`${count()} latents compete for a batch: their memory would pass 4 GiB`, { cause });
    }
    view().setInt32(words.candidateCapacity, capacity, true);
    view().setUint32(words.candidateIndices, candidatesAt, true);
    view().setUint32(words.candidateValues, candidatesAt + 4 * capacity, true);
    view().setUint32(words.candidateRanks, candidatesAt + 8 * capacity, true);
  }

  return () => {
    if (!guessed) kernels.guessCandidateFloor(problem, scratch);
    guessed = true;
    for (let tries = 0; ; tries++) {
      view().setInt32(words.candidateCount, 0, true);
      runPhase(CANDIDATES);
      if (count() > view().getInt32(words.candidateCapacity, true)) grow();
      else if (count() < budget && floor() > 0) setFloor(tries < MOST_TRIES ? LOWER * floor() : 0);
      else break;
    }
    kernels.chooseKept(problem, scratch);
    setFloor(MARGIN * view().getFloat32(words.smallestKept, true));
    runPhase(RECONSTRUCT);
  };
}

function lead() {
  const port = /** @type {NonNullable<typeof parentPort>} */ (parentPort);
  kernels.packEncoder(problem);
  const forward = setup.batchwide ? batchEncoder(setup.batchwide) : () => runPhase(FORWARD);
  const step = () => {
    forward();
    kernels.sortPairs(problem);
    if (setup.clipped) {
      runPhase(MEASURE);
      kernels.limitGradients(problem, scratch);
    }
    runPhase(UPDATE);
    kernels.updateDecoderBias(problem, scratch);
  };
  const close = () => {
    Atomics.store(control, STOP, 1);
    wakeFollowers();
    port.close();
  };
  port.on('message', (/** @type {'step' | 'close'} */ message) => {
    try {
      if (message === 'close') close();
      else step();
      port.postMessage({ kind: 'done' });
    } catch (error) {
      port.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  });
  port.postMessage({ kind: 'done' });
}

if (setup.thread === 0) lead();
else follow();
