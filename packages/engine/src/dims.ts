// Sizes of axes. A size is a number, or a multiple of a symbol that gets its value when a program runs.
import { ShapeError } from './errors.ts';

/**
 * `factor` times the run-time value of the symbol `name`, for instance 128 × batch.
 * Equal dims are the same object, so `===` compares them. Made by {@link batchDim} and {@link dimProduct}.
 */
export class SymbolicDim {
  private constructor(
    readonly name: string,
    readonly factor: number,
  ) {}
  private static readonly known = new Map<string, SymbolicDim>();

  static of(name: string, factor: number): SymbolicDim {
    const key = `${factor}*${name}`;
    let dim = SymbolicDim.known.get(key);
    if (!dim) SymbolicDim.known.set(key, (dim = new SymbolicDim(name, factor)));
    return dim;
  }
  toString(): string {
    return this.factor === 1 ? this.name : `${this.factor}*${this.name}`;
  }
}

export type Dim = number | SymbolicDim;
/** The sizes of an array's axes, at most one of them symbolic. */
export type Shape = readonly Dim[];
/** A shape whose sizes are all known. */
export type FixedShape = readonly number[];

/**
 * A size that is only known when the program runs. The same name is the same dim everywhere.
 * @example op.input('ids', [batchDim('rows'), 128], 'int')
 */
export const batchDim = (name = 'batch'): SymbolicDim => SymbolicDim.of(name, 1);
/** The usual symbolic dim: `op.input('x', [batch, 512])`. */
export const batch: SymbolicDim = batchDim();

export const isFixed = (shape: Shape): shape is FixedShape => shape.every((dim) => typeof dim === 'number');
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);
/** `[4*batch, 64]`: how shapes look in error messages. */
export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The product of sizes; at most one of them may be symbolic. `dimProduct()` is 1. */
export function dimProduct(...dims: readonly Dim[]): Dim {
  let factor = 1;
  let name: string | undefined;
  for (const dim of dims) {
    if (typeof dim === 'number') {
      factor *= dim;
    } else if (name === undefined) {
      factor *= dim.factor;
      name = dim.name;
    } else {
      throw new ShapeError(`a shape may hold one symbolic dim, got ${dims.join(' x ')}`);
    }
  }
  return name === undefined ? factor : SymbolicDim.of(name, factor);
}

/** dim / divisor, exactly: `dimQuotient(128*batch, 128)` is batch. Throws a {@link ShapeError} where it does not divide. */
export function dimQuotient(dim: Dim, divisor: Dim): Dim {
  const [numerator, denominator] = [dim, divisor].map((d) => (typeof d === 'number' ? d : d.factor)) as [
    number,
    number,
  ];
  const sameSymbol = typeof dim !== 'number' && typeof divisor !== 'number' && dim.name === divisor.name;
  const quotient = numerator / denominator;
  if (!Number.isInteger(quotient) || (typeof divisor !== 'number' && !sameSymbol)) {
    throw new ShapeError(`${String(dim)} is not a multiple of ${String(divisor)}`);
  }
  return typeof dim === 'number' || sameSymbol ? quotient : SymbolicDim.of(dim.name, quotient);
}

/** How many entries an array of `shape` has. */
export const elementCount = (shape: Shape): Dim => dimProduct(...shape);
/** As {@link elementCount}, for a shape whose sizes are all known. */
export const fixedCount = (shape: FixedShape): number => shape.reduce((product, dim) => product * dim, 1);

/** The number that a dim must be here; `what` names the place in the error. */
export function fixedDim(dim: Dim | undefined, what: string): number {
  if (typeof dim === 'number') return dim;
  throw new ShapeError(`${what} must have a fixed size, got ${dim === undefined ? 'no such axis' : String(dim)}`);
}

/** Checks a shape that a user gave: positive integers, at most one symbolic dim. */
export function checkShape(shape: Shape, what: string): void {
  for (const dim of shape) {
    if (typeof dim === 'number' && !(Number.isInteger(dim) && dim > 0)) {
      throw new ShapeError(`${what}: sizes must be positive integers, got ${formatShape(shape)}`);
    }
  }
  if (shape.filter((dim) => typeof dim !== 'number').length > 1) {
    throw new ShapeError(`${what}: a shape may hold one symbolic dim, got ${formatShape(shape)}`);
  }
}
