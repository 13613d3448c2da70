// Operations on each entry, with numpy's broadcasting.
import { formatShape, sameShape } from '../dims.ts';
import type { Dim, Shape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import type { BinaryKind, CompareKind, DType, Op, UnaryKind } from '../trace.ts';
import { lift } from './sources.ts';
import type { Operand } from './sources.ts';

/** numpy's rule: aligned at the right, sizes must be equal or 1. A symbolic dim goes with itself and with 1. */
export function broadcastShapes(kind: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(`${kind}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}

export function requireDType(kind: string, x: Traced, ...allowed: DType[]): void {
  if (!allowed.includes(x.dtype)) {
    throw new ShapeError(`${kind}: expected ${allowed.join(' or ')}, got ${x.dtype} ${formatShape(x.shape)}`);
  }
}

function unary(kind: UnaryKind, ...allowed: DType[]) {
  return (x: Traced): Traced => {
    requireDType(kind, x, 'float', ...allowed);
    return new Traced({ kind }, [x], x.shape, x.dtype);
  };
}
/** -x */
export const neg = unary('neg', 'int');
/** e to the x */
export const exp = unary('exp');
/** The natural logarithm. */
export const log = unary('log');
export const sqrt = unary('sqrt');
export const tanh = unary('tanh');
/** 1 / (1 + exp(-x)) */
export const sigmoid = unary('sigmoid');
/** max(x, 0); its gradient at 0 is 0. */
export const relu = unary('relu');
/** |x|; its gradient at 0 is -1 times the cotangent. */
export const abs = unary('abs', 'int');
/** The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x. */
export const erf = unary('erf');
/** x itself, but no gradient flows through it. */
export const stopGradient = unary('stopGradient', 'int', 'bool');

// An explicit broadcast is redundant below an elementwise op whose other operand already has the full shape.
function withoutBroadcast(kind: string, x: Traced, other: Traced): Traced {
  const source = x.op.kind === 'broadcast' ? x.inputs[0]! : x;
  const full = broadcastShapes(kind, x.shape, other.shape);
  return sameShape(broadcastShapes(kind, source.shape, other.shape), full) ? source : x;
}

function elementwise(kind: BinaryKind | CompareKind, dtype?: DType) {
  return (left: Operand, right: Operand): Traced => {
    let a = lift(left, right);
    let b = lift(right, left);
    requireDType(kind, a, 'float', 'int');
    requireDType(kind, b, a.dtype);
    a = withoutBroadcast(kind, a, b);
    b = withoutBroadcast(kind, b, a);
    const op: Op = { kind };
    return new Traced(op, [a, b], broadcastShapes(kind, a.shape, b.shape), dtype ?? a.dtype);
  };
}
export const add = elementwise('add');
export const sub = elementwise('sub');
export const mul = elementwise('mul');
export const div = elementwise('div');
/** The larger of both; where they are equal the gradient goes to the first. */
export const maximum = elementwise('maximum');
/** a > b, as bool. */
export const greater = elementwise('greater', 'bool');
/** a >= b, as bool. */
export const greaterEqual = elementwise('greaterEqual', 'bool');
/** a == b, as bool. */
export const equal = elementwise('equal', 'bool');

/** `ifTrue` where `condition` holds, else `ifFalse`; all three broadcast together. */
export function where(condition: Traced, ifTrue: Operand, ifFalse: Operand): Traced {
  let a = lift(ifTrue, ifFalse);
  let b = lift(ifFalse, ifTrue);
  requireDType('where', condition, 'bool');
  requireDType('where', b, a.dtype);
  a = withoutBroadcast('where', a, condition);
  b = withoutBroadcast('where', b, condition);
  const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape));
  return new Traced({ kind: 'where' }, [condition, a, b], shape, a.dtype);
}

/** 1 and 0 for true and false; an int as a float. */
export function toFloat(x: Traced): Traced {
  return x.dtype === 'float' ? x : new Traced({ kind: 'toFloat' }, [x], x.shape, 'float');
}

/** 1 and 0 for true and false; a float without its fraction (towards zero), which must fit an int32. No gradient flows through it. */
export function toInt(x: Traced): Traced {
  return x.dtype === 'int' ? x : new Traced({ kind: 'toInt' }, [x], x.shape, 'int');
}
