// The reference as an engine: for tests, and where no native executor runs.
import type { ArrayValue, Arrays } from '../arrays.ts';
import type { Engine, Executable } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { bindRun, changedShapes, planProgram, shapesOf } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { retainAll, SharedWeights } from '../shared-weights.ts';
import type { Program, TracedRecord } from '../trace.ts';
import { evaluate } from './evaluate.ts';
import type { ReferenceArrays } from './evaluate.ts';

/** Computes in float64 on the caller's thread; weights, state and results are float32 as in every engine. */
export function openReferenceEngine(): Engine {
  let closed = false;
  const owner = {};
  const held = new Map<number, Arrays>();
  let ids = 0;
  return {
    name: 'reference',
    description: 'float64 reference (slow, for tests)',
    threads: 1,
    compile(program, options = {}) {
      return settled(() => {
        if (closed) throw new EngineError('the engine is closed');
        const plan = planProgram(program, options);
        const release = retainAll(Object.values(plan.shared), owner);
        const shared = Object.entries(plan.shared).map(([name, { id }]) => [name, held.get(id)![name]!] as const);
        const weights = { ...copies(plan.weights), ...Object.fromEntries(shared) };
        return executable(program, plan, weights, copies(options.state ?? {}), () => closed, release);
      });
    },
    shareWeights(arrays) {
      return settled(() => {
        if (closed) throw new EngineError('the engine is closed');
        const id = ids++;
        held.set(id, copies(arrays));
        return new SharedWeights(owner, id, arrays, () => settled(() => held.delete(id)));
      });
    },
    close: () => settled(() => void (closed = true)),
  };
}

function executable(
  program: Program,
  plan: Plan,
  weights: Arrays,
  initial: Arrays,
  isClosed: () => boolean,
  release: () => Promise<void>,
): Executable {
  let state = initial;
  let disposed = false;
  const open = <T>(work: () => T) =>
    settled(() => {
      if (disposed || isClosed())
        throw new EngineError(disposed ? 'the executable is disposed' : 'the engine is closed');
      return work();
    });
  return {
    run: (feeds) =>
      open(() => {
        bindRun(plan, feeds, shapesOf(state));
        const outputs = evaluate(program, { ...weights, ...state, ...feeds });
        state = rounded(plan.state, program.outputs, outputs);
        return rounded(plan.results, program.outputs, outputs);
      }),
    readState: () => open(() => copies(state)),
    writeState: (changes) =>
      open(() => {
        changedShapes(plan, shapesOf(state), changes);
        state = { ...state, ...copies(changes) };
      }),
    dispose() {
      disposed = true;
      return release();
    },
  };
}

/** The result of `work` as a promise; what it throws becomes a rejection. */
const settled = <T>(work: () => T): Promise<T> => new Promise((resolve) => resolve(work()));

const copies = (arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [name, { data: data.slice(), shape: [...shape] }]),
  );

function rounded(wanted: TracedRecord, outputs: TracedRecord, values: ReferenceArrays): Arrays {
  return Object.fromEntries(
    Object.keys(wanted).map((name): [string, ArrayValue] => {
      const { data, shape } = values[name]!;
      const isFloat = outputs[name]!.dtype === 'float';
      return [name, { data: isFloat ? Float32Array.from(data) : Int32Array.from(data), shape }];
    }),
  );
}
