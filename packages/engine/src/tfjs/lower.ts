// From a traced program to the instructions of the TensorFlow.js executor: fused ops decomposed, equal work done once.
import { createHash } from 'node:crypto';
import type { Dim, Shape } from '../dims.ts';
import type { Plan } from '../plan.ts';
import { topologicalOrder } from '../trace.ts';
import type { OpOf, Traced } from '../trace.ts';
import { indexBoundsOf, isWithin } from './index-bounds.ts';
import type { Instruction, LoweredProgram, Operation, WireDim } from './instructions.ts';

export const wireDim = (dim: Dim): WireDim =>
  typeof dim === 'number' ? dim : { symbol: dim.name, factor: dim.factor };
const wireShape = (shape: Shape): WireDim[] => shape.map(wireDim);

/** Lowers the outputs of a plan, state included. */
export function lowerProgram(plan: Plan): LoweredProgram {
  const lowering = new Lowering();
  const outputs = Object.entries({ ...plan.results, ...plan.stateOutputs });
  lowering.lowerAll(outputs.map(([, node]) => node));
  return lowering.finish(outputs.map(([name, node]) => ({ name, register: lowering.registerOf(node) })));
}

class Lowering {
  private readonly registers = new Map<Traced, number>();
  /** Work that was done already, by what it reads and does. A gradient repeats what a fused op decomposes to. */
  private readonly known = new Map<string, readonly number[]>();
  private readonly inputs: LoweredProgram['inputs'] = [];
  private readonly constants: LoweredProgram['constants'] = [];
  private readonly instructions: Omit<Instruction, 'lastReads'>[] = [];
  private count = 0;

  registerOf(node: Traced): number {
    return this.registers.get(node)!;
  }

  lowerAll(roots: readonly Traced[]): void {
    for (const node of topologicalOrder(roots)) {
      if (!this.registers.has(node)) this.registers.set(node, this.lower(node));
    }
  }

  private lower(node: Traced): number {
    const { op, inputs, shape, dtype } = node;
    switch (op.kind) {
      case 'input': {
        const register = this.count++;
        this.inputs.push({ name: op.name, register });
        return register;
      }
      case 'constant':
        return this.constant(node, op);
      case 'stopGradient':
      case 'custom':
        return this.registerOf(inputs[0]!);
      case 'fused': {
        const meaning = op.decompose(inputs);
        this.lowerAll([meaning]);
        return this.registerOf(meaning);
      }
      case 'sizeOf':
        return this.emit({ kind: 'sizeOf', dim: wireDim(op.dim) }, [], shape, dtype)[0]!;
      case 'topKValues':
      case 'topKIndices': {
        const both = this.emit({ kind: 'topK', k: op.k }, [this.registerOf(inputs[0]!)], shape, 'float', 2);
        return both[op.kind === 'topKValues' ? 0 : 1]!;
      }
      default:
        this.checkIndices(node);
        return this.emit(
          op,
          inputs.map((input) => this.registerOf(input)),
          shape,
          dtype,
        )[0]!;
    }
  }

  private constant({ shape, dtype }: Traced, op: OpOf<'constant'>): number {
    const data = op.data instanceof Float64Array ? Float32Array.from(op.data) : op.data;
    const fixed = shape as readonly number[];
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `constant ${dtype} ${fixed.join()} ${createHash('sha256').update(bytes).digest('hex')}`;
    return this.once(key, () => {
      const register = this.count++;
      this.constants.push({ register, dtype: dtype === 'int' ? 'int' : 'float', shape: fixed, data: data.slice() });
      return [register];
    })[0]!;
  }

  /** TensorFlow.js reads anything for an index out of range: what may be one is checked while the program runs. */
  private checkIndices(node: Traced): void {
    const bounds = indexBoundsOf(node);
    if (!bounds || isWithin(bounds.indices, bounds.size)) return;
    const op: Operation = { kind: 'checkIndices', size: wireDim(bounds.size), what: node.op.kind };
    this.emit(op, [this.registerOf(bounds.indices)], bounds.indices.shape, 'int', 0);
  }

  private emit(
    op: Operation,
    inputs: readonly number[],
    shape: Shape,
    dtype: Traced['dtype'],
    outputs = 1,
  ): readonly number[] {
    const wire = wireShape(shape);
    return this.once(`${JSON.stringify(op)} ${inputs.join()} ${JSON.stringify(wire)}`, () => {
      const made = Array.from({ length: outputs }, () => this.count++);
      this.instructions.push({ op, inputs, outputs: made, shape: wire, dtype });
      return made;
    });
  }

  private once(key: string, make: () => readonly number[]): readonly number[] {
    let registers = this.known.get(key);
    if (!registers) this.known.set(key, (registers = make()));
    return registers;
  }

  finish(outputs: LoweredProgram['outputs']): LoweredProgram {
    const kept = new Set(outputs.map(({ register }) => register));
    const seen = new Set<number>();
    // Backwards: the first reader that is met is the last one.
    const instructions = this.instructions
      .map((instruction): Instruction => ({ ...instruction, lastReads: [] }))
      .reverse()
      .map((instruction) => {
        const mentioned = new Set([...instruction.inputs, ...instruction.outputs]);
        const lastReads = [...mentioned].filter((register) => !seen.has(register) && !kept.has(register));
        for (const register of mentioned) seen.add(register);
        return { ...instruction, lastReads };
      })
      .reverse();
    const { inputs, constants } = this;
    return { registers: this.count, inputs, constants, instructions, outputs };
  }
}
