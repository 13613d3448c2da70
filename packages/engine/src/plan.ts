// What both executors need to know of a program: which inputs are fed, bound or kept, and whether it fits together.
import type { Arrays } from './arrays.ts';
import { bindArrays, bindShapes } from './binding.ts';
import type { Binding } from './binding.ts';
import { formatShape, isFixed, sameShape } from './dims.ts';
import type { FixedShape } from './dims.ts';
import type { CompileOptions, Weights } from './engine.ts';
import { FeedError, ShapeError } from './errors.ts';
import { SharedWeights } from './shared-weights.ts';
import { topologicalOrder } from './trace.ts';
import type { Program, TracedRecord } from './trace.ts';

export interface Plan {
  /** Inputs given at each run. */
  readonly fed: TracedRecord;
  /** Inputs kept between runs: each is also an output. */
  readonly state: TracedRecord;
  readonly stateOutputs: TracedRecord;
  /** What a run gives back: all outputs but the state. */
  readonly results: TracedRecord;
  readonly weights: Arrays;
  /** Weights that the engine already holds, each beside where it is. */
  readonly shared: Readonly<Record<string, SharedWeights>>;
}

/** Checks a program and its bound arrays; see {@link CompileOptions}. */
export function planProgram(program: Program, options: CompileOptions = {}): Plan {
  checkInputs(program);
  const { state = {} } = options;
  const { weights, shared } = weightsOf(program, options.weights ?? {});
  const isBound = (name: string) => name in weights || name in shared;
  const plan: Plan = {
    fed: pick(program.inputs, (name) => !isBound(name) && !(name in state)),
    state: pick(program.inputs, (name) => name in state),
    stateOutputs: pick(program.outputs, (name) => name in state),
    results: pick(program.outputs, (name) => !(name in state)),
    weights,
    shared,
  };
  for (const name of Object.keys({ ...weights, ...state })) {
    if (!(name in program.inputs)) throw new FeedError(`weights and state must be inputs; there is no input '${name}'`);
    if (isBound(name) && name in state) throw new FeedError(`'${name}' is given both as a weight and as state`);
  }
  for (const [name, { shape }] of Object.entries(pick(program.inputs, isBound))) {
    if (!isFixed(shape)) throw new FeedError(`weight '${name}' must have a fixed shape, not ${formatShape(shape)}`);
  }
  bindArrays(
    pick(program.inputs, (name) => name in weights),
    weights,
  );
  checkShared(program.inputs, shared);
  checkState(plan.state, program.outputs);
  bindArrays(plan.state, state);
  return plan;
}

/** Arrays and shared weights by name, the last given counting; of shared ones those that the program has. */
function weightsOf({ inputs }: Program, given: Weights): Pick<Plan, 'weights' | 'shared'> {
  const weights: Arrays = {};
  const shared: Record<string, SharedWeights> = {};
  for (const part of Array.isArray(given) ? (given as readonly (Arrays | SharedWeights)[]) : [given]) {
    if (part instanceof SharedWeights) {
      for (const name of Object.keys(part.arrays)) {
        delete weights[name];
        if (name in inputs) shared[name] = part;
      }
    } else {
      for (const name of Object.keys(part)) delete shared[name];
      Object.assign(weights, part);
    }
  }
  return { weights, shared };
}

function checkShared(inputs: TracedRecord, shared: Plan['shared']): void {
  for (const [name, { arrays }] of Object.entries(shared)) {
    const { dtype, shape } = arrays[name]!;
    const input = inputs[name]!;
    if (dtype === input.dtype && sameShape(shape, input.shape)) continue;
    const expected = `${input.dtype} ${formatShape(input.shape)}`;
    throw new FeedError(`input '${name}': expected ${expected}, got ${dtype} ${formatShape(shape)} of shared weights`);
  }
}

/** Checks feeds, together with the kept state, and reads the symbolic dims. */
export function bindRun(plan: Plan, feeds: Arrays, stateShapes: Shapes): Binding {
  for (const name of Object.keys(feeds)) {
    if (name in plan.state) throw new FeedError(`'${name}' is state: it is set by compile and writeState, not fed`);
    if (name in plan.weights || name in plan.shared)
      throw new FeedError(`'${name}' is a weight: it was bound by compile, and is not fed`);
  }
  return bindArrays(plan.fed, feeds, { given: bindShapes(plan.state, stateShapes) });
}

/** The shapes of the state after `changes`; the result must still fit together. */
export function changedShapes(plan: Plan, before: Shapes, changes: Arrays): Shapes {
  for (const name of Object.keys(changes)) {
    if (name in plan.state) continue;
    throw new FeedError(`'${name}' is not state; the state is: ${Object.keys(plan.state).join(', ') || 'empty'}`);
  }
  bindArrays(
    pick(plan.state, (name) => name in changes),
    changes,
  );
  const after = { ...before, ...shapesOf(changes) };
  bindShapes(plan.state, after);
  return after;
}

export type Shapes = Record<string, FixedShape>;
export const shapesOf = (arrays: Arrays): Shapes =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, [...shape]]));

const pick = (record: TracedRecord, keep: (name: string) => boolean): TracedRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => keep(name)));

function checkInputs({ inputs, outputs }: Program): void {
  for (const [name, { op }] of Object.entries(inputs)) {
    if (op.kind !== 'input' || op.name !== name) {
      const found = op.kind === 'input' ? `the input '${op.name}'` : `a ${op.kind}`;
      throw new ShapeError(`the program's input '${name}' is ${found}; inputs stand under their own names`);
    }
  }
  for (const node of topologicalOrder(Object.values(outputs))) {
    if (node.op.kind === 'input' && inputs[node.op.name] !== node) {
      throw new ShapeError(`the program's outputs need input '${node.op.name}', which is not among its inputs`);
    }
  }
}

function checkState(state: TracedRecord, outputs: TracedRecord): void {
  for (const [name, input] of Object.entries(state)) {
    const output = outputs[name];
    if (!output) throw new FeedError(`state '${name}' is no output of the program`);
    if (output.dtype !== input.dtype || !sameShape(output.shape, input.shape)) {
      const [before, after] = [input, output].map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`);
      throw new FeedError(`state '${name}' is ${before} as an input but ${after} as an output`);
    }
  }
}
