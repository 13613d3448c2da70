// Elementwise ops, reductions, softmax and matrix products.
import { fixedCount } from '../dims.ts';
import type { FixedShape } from '../dims.ts';
import type { BinaryKind, CompareKind, Op, OpOf, UnaryKind } from '../trace.ts';
import { errorFunction } from './error-function.ts';
import { broadcastStrides, offsets, readBroadcast } from './strided.ts';
import type { Value } from './value.ts';

const same = (x: number) => x;
const unary: Record<UnaryKind | 'toFloat' | 'toInt' | 'custom' | 'reshape', (x: number) => number> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
  abs: Math.abs,
  erf: errorFunction,
  stopGradient: same,
  toFloat: same,
  toInt: Math.trunc,
  custom: same,
  reshape: same,
};
const binary: Record<BinaryKind | CompareKind, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  greater: (a, b) => +(a > b),
  greaterEqual: (a, b) => +(a >= b),
  equal: (a, b) => +(a === b),
};
const isUnary = (kind: string): kind is keyof typeof unary => Object.hasOwn(unary, kind);
const isBinary = (kind: string): kind is keyof typeof binary => Object.hasOwn(binary, kind);

export function evaluateNumeric(op: Op, shape: number[], operands: readonly Value[]): Float64Array | undefined {
  const a = operands[0]!;
  if (isUnary(op.kind)) return a.data.map(unary[op.kind]);
  if (isBinary(op.kind)) {
    const apply = binary[op.kind];
    const [left, right] = operands.map((operand) => readBroadcast(operand.data, operand.shape, shape));
    return left!.map((value, i) => apply(value, right![i]!));
  }
  switch (op.kind) {
    case 'where': {
      const [condition, yes, no] = operands.map((operand) => readBroadcast(operand.data, operand.shape, shape));
      return condition!.map((value, i) => (value ? yes![i]! : no![i]!));
    }
    case 'matmul':
      return matmul(op, shape, a, operands[1]!);
    case 'sum':
    case 'max':
      return reduce(op, shape, a);
    case 'softmax':
    case 'logSoftmax':
      return softmax(op.kind === 'logSoftmax', a);
    default:
      return undefined;
  }
}

function reduce(op: OpOf<'sum' | 'max'>, shape: FixedShape, { data, shape: full }: Value): Float64Array {
  const kept = full.map((dim, axis) => (op.axes.includes(axis) ? 1 : dim));
  const target = offsets(full, broadcastStrides(kept, full));
  const out = new Float64Array(fixedCount(shape)).fill(op.kind === 'max' ? -Infinity : 0);
  data.forEach((value, i) => {
    const before = out[target[i]!]!;
    out[target[i]!] = op.kind === 'sum' ? before + value : Math.max(before, value);
  });
  return out;
}

function softmax(logarithm: boolean, { data, shape }: Value): Float64Array {
  const width = shape.at(-1)!;
  const out = new Float64Array(data.length);
  for (let row = 0; row < data.length; row += width) {
    const values = data.subarray(row, row + width);
    const top = values.reduce((x, y) => Math.max(x, y), -Infinity);
    const total = values.reduce((sum, x) => sum + Math.exp(x - top), 0);
    values.forEach((x, i) => {
      out[row + i] = logarithm ? x - top - Math.log(total) : Math.exp(x - top) / total;
    });
  }
  return out;
}

function matmul({ transposeA, transposeB }: OpOf<'matmul'>, shape: FixedShape, a: Value, b: Value): Float64Array {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  const leading = shape.slice(0, -2);
  const matrixStarts = (operand: Value) =>
    offsets(leading, broadcastStrides(operand.shape.slice(0, -2), leading)).map(
      (i) => i * operand.shape.at(-1)! * operand.shape.at(-2)!,
    );
  const startsB = matrixStarts(b);
  const [aRow, aInner] = transposeA ? [1, rows] : [inner, 1];
  const [bInner, bColumn] = transposeB ? [1, inner] : [columns, 1];
  const out = new Float64Array(fixedCount(shape));
  matrixStarts(a).forEach((startA, m) => {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let p = 0; p < inner; p++) {
          sum += a.data[startA + i * aRow + p * aInner]! * b.data[startsB[m]! + p * bInner + j * bColumn]!;
        }
        out[(m * rows + i) * columns + j] = sum;
      }
    }
  });
  return out;
}
