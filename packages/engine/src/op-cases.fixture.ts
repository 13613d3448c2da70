// Every op and composed function as a small program, for the tables of tests that compare executors.
import { resolveShape } from './binding.ts';
import type { AttentionOptions, Program, Shape, Traced } from './index.ts';
import * as op from './index.ts';

const { batch } = op;

export interface Case {
  name: string;
  /** Shapes of the float inputs. */
  shapes: Shape[];
  f: (...x: [Traced, Traced, Traced, Traced, Traced]) => Traced;
  /** Where the inputs are drawn from. */
  range?: [number, number];
}

const ids = op.constant(new Int32Array([2, 0, 2, 1]), [2, 2]);
const onMatrix = (name: string, f: (x: Traced) => Traced, range?: [number, number]): Case => ({
  name,
  shapes: [[batch, 3]],
  f,
  ...(range ? { range } : {}),
});
const booleans = [false, true];
const transposes = booleans.flatMap((transposeA) => booleans.map((transposeB) => ({ transposeA, transposeB })));
const matrix = (transposed: boolean, rows: op.Dim, columns: op.Dim): Shape =>
  transposed ? [columns, rows] : [rows, columns];

const elementwise: Case[] = [
  onMatrix('neg', op.neg),
  onMatrix('exp', op.exp),
  onMatrix('log', op.log, [0.5, 2]),
  onMatrix('sqrt', op.sqrt, [0.5, 2]),
  onMatrix('tanh', op.tanh),
  onMatrix('sigmoid', op.sigmoid),
  onMatrix('relu', op.relu),
  onMatrix('abs', op.abs),
  onMatrix('erf', op.erf, [-3.5, 3.5]),
  { name: 'add', shapes: [[batch, 3], [3]], f: op.add },
  { name: 'sub', shapes: [[3], [batch, 3]], f: op.sub },
  {
    name: 'mul',
    shapes: [
      [batch, 1],
      [batch, 3],
    ],
    f: op.mul,
  },
  {
    name: 'mul with the batch broadcast',
    shapes: [
      [1, 3],
      [batch, 3],
    ],
    f: op.mul,
  },
  {
    name: 'div',
    shapes: [
      [batch, 3],
      [batch, 1],
    ],
    f: op.div,
    range: [0.5, 2],
  },
  { name: 'maximum', shapes: [[batch, 3], [3]], f: op.maximum },
  { name: 'where', shapes: [[batch, 3], [3]], f: (a, b) => op.where(op.greater(a, 0), a, b) },
  { name: 'where not', shapes: [[batch, 3], [3]], f: (a, b) => op.where(op.greaterEqual(a, b), 0.5, b) },
  onMatrix('toFloat', (x) => op.mul(op.toFloat(op.greater(x, 0)), x)),
  onMatrix('toInt', (x) => op.mul(op.toFloat(op.toInt(op.mul(op.stopGradient(x), 3))), x)),
  onMatrix('toInt of bools', (x) => op.mul(op.toFloat(op.toInt(op.greater(x, 0))), x)),
];

const products: Case[] = [
  ...transposes.map((options) => ({
    name: `matmul ${JSON.stringify(options)}`,
    shapes: [matrix(options.transposeA, batch, 4), matrix(options.transposeB, 4, 3)],
    f: (a: Traced, b: Traced) => op.matmul(a, b, options),
  })),
  ...transposes.map((options) => ({
    name: `batched matmul ${JSON.stringify(options)}`,
    shapes: [
      [batch, ...matrix(options.transposeA, 2, 4)],
      [batch, ...matrix(options.transposeB, 4, 3)],
    ],
    f: (a: Traced, b: Traced) => op.matmul(a, b, options),
  })),
  {
    name: 'matmul over the batch',
    shapes: [
      [batch, 2],
      [batch, 3],
    ],
    f: (a, b) => op.matmul(a, b, { transposeA: true }),
  },
  {
    name: 'matmul shared weights',
    shapes: [
      [batch, 2, 4],
      [4, 3],
    ],
    f: (a, b) => op.matmul(a, b),
  },
  {
    name: 'matmul shared weights, transposed',
    shapes: [
      [batch, 2, 4],
      [3, 4],
    ],
    f: (a, b) => op.matmul(a, b, { transposeB: true }),
  },
  {
    name: 'matmul broadcast',
    shapes: [
      [batch, 1, 2, 4],
      [3, 4, 2],
    ],
    f: (a, b) => op.matmul(a, b),
  },
  {
    name: 'column sum of a product',
    shapes: [
      [batch, 4],
      [4, 3],
    ],
    f: (a, b) => op.sum(op.matmul(a, b), [0]),
  },
];

const reductions: Case[] = [
  { name: 'sum', shapes: [[batch, 3, 2]], f: (a) => op.sum(a, [1]) },
  { name: 'sum of all', shapes: [[batch, 3, 2]], f: (a) => op.sum(a) },
  { name: 'sum over the batch', shapes: [[batch, 3, 2]], f: (a) => op.sum(a, [0, -1], true) },
  { name: 'max', shapes: [[batch, 3, 2]], f: (a) => op.max(a, [1]) },
  { name: 'max over the batch', shapes: [[batch, 3]], f: (a) => op.max(a, [0], true) },
  { name: 'mean', shapes: [[batch, 3]], f: (a) => op.mean(op.square(a), [-1]) },
  { name: 'mean over the batch', shapes: [[batch, 3]], f: (a) => op.mean(op.square(a), [0]) },
  { name: 'mean of all', shapes: [[batch, 3]], f: (a) => op.mean(op.square(a)) },
  { name: 'softmax', shapes: [[batch, 4]], f: op.softmax },
  { name: 'logSoftmax', shapes: [[batch, 4]], f: op.logSoftmax },
];

const shapes: Case[] = [
  { name: 'reshape', shapes: [[batch, 2, 6]], f: (a) => op.reshape(a, [op.dimProduct(batch, 2), 2, 3]) },
  { name: 'flattenRows', shapes: [[batch, 2, 3]], f: op.flattenRows },
  { name: 'transpose', shapes: [[batch, 3, 4]], f: (a) => op.transpose(a, [2, 0, 1]) },
  { name: 'broadcast to the batch', shapes: [[1, 3]], f: (a) => op.mul(op.broadcast(a, [2, batch, 3]), 2) },
  { name: 'slice', shapes: [[batch, 5]], f: (a) => op.slice(a, 1, 1, 4) },
  { name: 'pad', shapes: [[batch, 3]], f: (a) => op.pad(a, -1, 1, 2) },
  {
    name: 'concat',
    shapes: [
      [batch, 3],
      [batch, 1],
    ],
    f: (a, b) => op.concat([a, b], -1),
  },
  { name: 'sizeOf', shapes: [[batch, 3]], f: (a) => op.mul(a, op.sizeOf(batch, 2)) },
];

const indexing: Case[] = [
  { name: 'gatherRows', shapes: [[3, 2]], f: (a) => op.gatherRows(a, ids) },
  { name: 'scatterAddRows', shapes: [[2, 2, 3]], f: (a) => op.scatterAddRows(ids, a, 4) },
  {
    name: 'gatherRows from the batch',
    shapes: [[batch, 2]],
    f: (a) => op.gatherRows(a, op.constant(new Int32Array([0, 0]), [2])),
  },
  { name: 'topK values', shapes: [[batch, 6]], f: (a) => op.sum(op.square(op.topK(a, 2).values), [1]) },
  {
    name: 'topK code',
    shapes: [[batch, 6]],
    f: (a) => {
      const { values, indices } = op.topK(a, 2);
      return op.scatterLast(indices, op.relu(values), 6);
    },
  },
  {
    name: 'argMax',
    shapes: [
      [batch, 6],
      [6, 2],
    ],
    f: (a, b) => op.gatherRows(b, op.argMax(op.stopGradient(a))),
  },
  {
    name: 'gatherLast',
    shapes: [
      [batch, 6],
      [batch, 6],
    ],
    f: (a, b) => op.gatherLast(a, op.topK(op.stopGradient(b), 2).indices),
  },
];

const threeAxes: Shape = [batch, 3, 4];
export const composed: Case[] = [
  { name: 'layerNorm', shapes: [[batch, 2, 4], [4], [4]], f: (x, gain, bias) => op.layerNorm(x, gain, bias) },
  { name: 'rmsNorm', shapes: [[batch, 2, 4], [4]], f: (x, gain) => op.rmsNorm(x, gain) },
  onMatrix('gelu', op.gelu, [-3, 3]),
  onMatrix('geluTanh', op.geluTanh, [-3, 3]),
  onMatrix('silu', op.silu),
  onMatrix('softCap', (x) => op.softCap(x, 0.7)),
  {
    name: 'maskedAttention',
    shapes: [[batch, 2, 4], threeAxes, threeAxes],
    f: (q, k, v) => op.maskedAttention(q, k, v, op.constant(new Float32Array([0, 0, -1e30, 0, 0, 0]), [2, 3]), 2),
  },
  {
    name: 'maskedAttention of groups',
    shapes: [[batch, 2, 8], threeAxes, threeAxes],
    f: (q, k, v) => op.maskedAttention(q, k, v, op.constant(new Float32Array(6), [2, 3]), 4, { keyValueHeads: 2 }),
  },
];

// Every option, at head widths with (8) and without (2) a kernel for it in ONNX Runtime.
const variants: [string, AttentionOptions][] = [
  ['plain', {}],
  ['scaled', { scale: 0.3 }],
  ['capped', { softCap: 0.1, scale: 1 }],
  ['in a window', { window: 2 }],
  ['in a window of one', { window: 1 }],
  ['of groups', { keyValueHeads: 2 }],
  ['of one key head, capped, in a window', { keyValueHeads: 1, softCap: 0.5, window: 3, scale: 1 }],
];
export const attention = [2, 8].flatMap((width) =>
  variants.flatMap(([name, options]): Case[] => {
    const [heads, length, context] = [4, 5, 6];
    const keyValueHeads = options.keyValueHeads ?? heads;
    const axes = (count: number, size: number): Shape => [batch, size, count * width];
    const ofAll = (size: number) => [axes(heads, size), axes(keyValueHeads, size), axes(keyValueHeads, size)];
    const cache: Shape = [batch, keyValueHeads, context, width];
    const at = op.constant(Int32Array.of(4), [1]);
    return [
      {
        name: `attention ${name}, head width ${width}`,
        shapes: ofAll(length),
        f: (q, k, v) => op.attention(q, k, v, heads, options),
      },
      {
        name: `cached attention ${name}, head width ${width}`,
        shapes: [...ofAll(1), cache, cache],
        f: (q, k, v, keys, values) => op.cachedAttention(q, k, v, keys, values, at, heads, options).mixed,
      },
    ];
  }),
);

let random = 1;
const nextRandom = () => (random = (random * 48271) % 2147483647) / 2147483647;
const randomArray = (shape: readonly number[], [from, to]: [number, number]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => from + nextRandom() * (to - from)),
});

/** A loss that every entry of the Jacobian moves, its gradients, and the value itself. */
export function programOf({ shapes, f }: Case): Program {
  const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, op.input(`x${i}`, shape)]));
  const y = f(...(Object.values(inputs) as Parameters<Case['f']>));
  const direction = op.input('direction', y.shape);
  const loss = op.sum(op.mul(y, direction));
  const slopes = op.gradients(loss, Object.values(inputs));
  const named = Object.keys(inputs).map((name, i) => [`d${name}`, slopes[i]!] as const);
  return { inputs: { ...inputs, direction }, outputs: { loss, y, ...Object.fromEntries(named) } };
}

export function feedsOf({ inputs }: Program, batchSize: number, range: [number, number] = [-1, 1]) {
  const binding = new Map([['batch', { size: batchSize, by: 'the test' }]]);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, randomArray(resolveShape(shape, binding), range)]),
  );
}

export const allCases = [...elementwise, ...products, ...reductions, ...shapes, ...indexing, ...composed, ...attention];
