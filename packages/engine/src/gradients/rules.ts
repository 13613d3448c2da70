// One rule per op: from the cotangent of its output to those of its inputs (null: none flows there).
import { fixedDim } from '../dims.ts';
import type { Shape } from '../dims.ts';
import * as op from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { gradients } from './gradients.ts';
import { matmulRule } from './matmul-rule.ts';
import { unbroadcast } from './unbroadcast.ts';

type Needed = (input: Traced) => boolean;
type Cotangents = readonly (Traced | null)[];

/** The cotangents of `y.inputs`, given y's. Those of inputs that are not `needed` may be left out as null. */
export function cotangentsOfInputs(y: Traced, ct: Traced, needed: Needed): Cotangents {
  return elementwiseRule(y, ct, needed) ?? structuralRule(y, ct, needed);
}

function elementwiseRule(y: Traced, ct: Traced, needed: Needed): Cotangents | undefined {
  const [first, second, third] = y.inputs;
  const a = first!;
  const b = second!;
  const forA = (cotangent: () => Traced) => (needed(a) ? unbroadcast(cotangent(), a.shape) : null);
  const forB = (cotangent: () => Traced) => (needed(b) ? unbroadcast(cotangent(), b.shape) : null);
  switch (y.op.kind) {
    case 'neg':
      return [op.neg(ct)];
    case 'exp':
      return [op.mul(ct, y)];
    case 'log':
      return [op.div(ct, a)];
    case 'sqrt':
      return [op.div(op.mul(ct, 0.5), y)];
    case 'tanh':
      return [op.mul(ct, op.sub(1, op.mul(y, y)))];
    case 'sigmoid':
      return [op.mul(ct, op.mul(y, op.sub(1, y)))];
    case 'relu':
      return [op.mul(ct, op.toFloat(op.greater(y, 0)))]; // a product is faster than `where` in ONNX Runtime
    case 'abs':
      return [op.where(op.greater(a, 0), ct, op.neg(ct))];
    case 'erf':
      return [op.mul(ct, op.mul(op.exp(op.neg(op.mul(a, a))), 2 / Math.sqrt(Math.PI)))];
    case 'add':
      return [forA(() => ct), forB(() => ct)];
    case 'sub':
      return [forA(() => ct), needed(b) ? op.neg(unbroadcast(ct, b.shape)) : null]; // `sum` likes products bare
    case 'mul':
      return [forA(() => op.mul(ct, b)), forB(() => op.mul(ct, a))];
    case 'div':
      return [forA(() => op.div(ct, b)), forB(() => op.neg(op.div(op.mul(ct, y), b)))];
    case 'maximum':
      return [forA(() => op.where(op.greaterEqual(a, b), ct, 0)), forB(() => op.where(op.greaterEqual(a, b), 0, ct))];
    case 'where':
      return [
        null,
        forB(() => op.where(a, ct, 0)),
        needed(third!) ? unbroadcast(op.where(a, 0, ct), third!.shape) : null,
      ];
    case 'stopGradient':
    case 'greater':
    case 'greaterEqual':
    case 'equal':
    case 'toFloat':
    case 'toInt':
    case 'argMax':
    case 'topKIndices':
      return y.inputs.map(() => null);
    default:
      return undefined;
  }
}

function structuralRule(y: Traced, ct: Traced, needed: Needed): Cotangents {
  const [first, second] = y.inputs;
  const a = first!;
  const b = second!;
  switch (y.op.kind) {
    case 'matmul':
      return matmulRule(a, b, y.op, ct, needed);
    case 'sum':
      return [op.broadcast(restoreAxes(ct, a.shape, y.op.axes), a.shape)];
    case 'max': {
      const isLargest = op.equal(a, restoreAxes(y, a.shape, y.op.axes));
      return [op.where(isLargest, restoreAxes(ct, a.shape, y.op.axes), 0)];
    }
    case 'softmax':
      return [op.mul(y, op.sub(ct, op.sum(op.mul(ct, y), [-1], true)))];
    case 'logSoftmax':
      return [op.sub(ct, op.mul(op.exp(y), op.sum(ct, [-1], true)))];
    case 'reshape':
      return [op.reshape(ct, a.shape)];
    case 'transpose': {
      const { permutation } = y.op;
      return [
        op.transpose(
          ct,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        ),
      ];
    }
    case 'broadcast':
      return [unbroadcast(ct, a.shape)];
    case 'slice': {
      const { axis, start, end } = y.op;
      return [op.pad(ct, axis, start, fixedDim(a.shape[axis], 'slice') - end)];
    }
    case 'pad': {
      const { axis, before } = y.op;
      return [op.slice(ct, axis, before, before + fixedDim(a.shape[axis], 'pad'))];
    }
    case 'concat':
      return concatRule(y.inputs, y.op.axis, ct);
    case 'gatherRows':
      return [op.scatterAddRows(b, ct, a.shape[0]!), null];
    case 'scatterAddRows':
      return [null, op.gatherRows(ct, a)];
    case 'topKValues':
      return [op.scatterLast(op.topK(a, y.op.k).indices, ct, fixedDim(a.shape.at(-1), 'topK'))];
    case 'gatherLast':
      return [op.scatterLast(b, ct, fixedDim(a.shape.at(-1), 'gatherLast')), null];
    case 'scatterLast':
      return [null, op.gatherLast(ct, a)];
    case 'custom':
      return [null, ...y.op.backward(y.inputs.slice(1), y, ct)];
    case 'fused':
      return gradients(y.op.decompose(y.inputs), y.inputs, ct);
    default:
      throw new Error(`no gradient rule for ${y.op.kind}`);
  }
}

/** A reduced cotangent with its reduced axes put back as size 1. */
function restoreAxes(cotangent: Traced, full: Shape, axes: readonly number[]): Traced {
  return op.reshape(
    cotangent,
    full.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  );
}

function concatRule(parts: readonly Traced[], axis: number, ct: Traced): Traced[] {
  let start = 0;
  return parts.map((part) => {
    const end = start + fixedDim(part.shape[axis], 'concat');
    const piece = op.slice(ct, axis, start, end);
    start = end;
    return piece;
  });
}
