// When a process exits while its worker is inside ONNX Runtime (or another addon), Node stops the worker's JavaScript, the addon
// fails to make its result, and the process aborts (SIGABRT). So an exiting process waits until the worker is outside.
const [busy, exiting] = [0, 1];
/** How long an exit may be held up (ms), should a run hang. */
const patience = 60_000;

const gates = new Set<Int32Array<SharedArrayBuffer>>();

function waitForAll(): void {
  for (const gate of gates) {
    Atomics.store(gate, exiting, 1); // the worker starts nothing new
    Atomics.wait(gate, busy, 1, patience);
  }
}

/** Memory in which a worker says that it is busy; `removeGuard` when the worker has ended. */
export function guardExit(): { gate: Int32Array<SharedArrayBuffer>; removeGuard: () => void } {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  if (gates.size === 0) process.on('exit', waitForAll);
  gates.add(gate);
  const removeGuard = () => {
    gates.delete(gate);
    if (gates.size === 0) process.off('exit', waitForAll);
  };
  return { gate, removeGuard };
}
