// The ONNX form of each primitive op.
import type { Op, Traced } from '../trace.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { FLOAT, INT32, INT64 } from './model-file.ts';

/** Ops that are one ONNX node with the same operands. */
const direct: Partial<Record<Op['kind'], string>> = {
  neg: 'Neg',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  abs: 'Abs',
  erf: 'Erf',
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  maximum: 'Max',
  greater: 'Greater',
  greaterEqual: 'GreaterOrEqual',
  equal: 'Equal',
  where: 'Where',
};

export function emitPrimitive(graph: GraphBuilder, node: Traced, operands: string[]): string {
  const name = direct[node.op.kind];
  if (name !== undefined) return graph.one(name, operands);
  return emitNumeric(graph, node, operands) ?? emitStructure(graph, node, operands);
}

function emitNumeric(graph: GraphBuilder, { op, shape, inputs }: Traced, operands: string[]): string | undefined {
  const a = operands[0]!;
  switch (op.kind) {
    case 'constant': {
      const data = op.data instanceof Float64Array ? Float32Array.from(op.data) : op.data;
      if (data.length === 1 && shape.length === 0 && data instanceof Float32Array) return graph.scalar(data[0]!);
      return graph.initialiser(
        graph.name('constant'),
        shape as readonly number[],
        data instanceof Float32Array ? FLOAT : INT32,
        data,
      );
    }
    case 'sizeOf':
      return graph.one('Cast', [graph.one('Squeeze', [graph.shape([op.dim])])], { to: FLOAT });
    case 'toFloat':
      return graph.one('Cast', [a], { to: FLOAT });
    case 'toInt':
      return graph.one('Cast', [a], { to: INT32 });
    case 'argMax':
      return graph.one('Cast', [graph.one('ArgMax', [a], { axis: -1, keepdims: 0 })], { to: INT32 });
    case 'matmul': {
      const transposes = { transA: +op.transposeA, transB: +op.transposeB };
      if (inputs.every((input) => input.shape.length === 2)) return graph.one('Gemm', operands, transposes);
      if (!op.transposeA && !op.transposeB) return graph.one('MatMul', operands);
      return graph.one('FusedMatMul', operands, transposes, 'com.microsoft');
    }
    case 'sum':
      return graph.one('ReduceSum', [a, graph.int64(op.axes)], { keepdims: +op.keepDims });
    case 'max':
      return graph.one('ReduceMax', [a], { axes: op.axes, keepdims: +op.keepDims });
    case 'softmax':
      return graph.one('Softmax', [a], { axis: -1 });
    case 'logSoftmax':
      return graph.one('LogSoftmax', [a], { axis: -1 });
    case 'stopGradient':
    case 'custom':
      return a;
    default:
      return undefined;
  }
}

function emitStructure(graph: GraphBuilder, { op, shape }: Traced, operands: string[]): string {
  const [first, second] = operands;
  const a = first!;
  const b = second!;
  switch (op.kind) {
    case 'reshape':
      return graph.one('Reshape', [a, graph.reshapeTarget(shape)]);
    case 'transpose':
      return graph.one('Transpose', [a], { perm: op.permutation });
    case 'broadcast':
      return graph.one('Expand', [a, graph.shape(shape)]);
    case 'slice':
      return graph.one('Slice', [a, graph.int64([op.start]), graph.int64([op.end]), graph.int64([op.axis])]);
    case 'pad': {
      const pads = new Array<number>(2 * shape.length).fill(0);
      pads[op.axis] = op.before;
      pads[shape.length + op.axis] = op.after;
      return graph.one('Pad', [a, graph.int64(pads)]);
    }
    case 'concat':
      return graph.one('Concat', operands, { axis: op.axis });
    case 'gatherRows':
      return graph.one('Gather', [a, b], { axis: 0 });
    case 'scatterAddRows': {
      const ids = graph.one('Unsqueeze', [graph.one('Cast', [a], { to: INT64 }), graph.int64([-1])]);
      return graph.one('ScatterND', [graph.zeros(shape), ids, b], { reduction: 'add' });
    }
    case 'topKValues':
    case 'topKIndices':
      return emitTopK(graph, op.kind === 'topKValues', op.k, a);
    case 'gatherLast':
      return graph.one('GatherElements', [a, b], { axis: -1 });
    case 'scatterLast':
      return graph.one('ScatterElements', [graph.zeros(shape), a, b], { axis: -1 });
    default:
      throw new Error(`ONNX has no form for ${op.kind}`);
  }
}

/** One TopK node gives values and indices; it is sorted, since its unsorted order is undefined. */
function emitTopK(graph: GraphBuilder, wantValues: boolean, k: number, x: string): string {
  const key = (output: string) => `topK ${k} ${x} ${output}`;
  const values = graph.once(key('values'), () => {
    const [values, indices] = graph.emit(
      'TopK',
      [x, graph.int64([k])],
      { axis: -1, largest: 1, sorted: 1 },
      { outputs: 2 },
    );
    graph.once(key('indices'), () => graph.one('Cast', [indices!], { to: INT32 }));
    return values!;
  });
  return wantValues
    ? values
    : graph.once(key('indices'), () => {
        throw new Error('TopK makes both outputs at once');
      });
}
