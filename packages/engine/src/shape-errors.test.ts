// Programs that do not fit together are refused while they are traced, by errors that name the op and the shapes.
import { describe, expect, test } from 'vitest';
import * as op from './index.ts';

const x = op.input('x', [op.batch, 3]);
const y = op.input('y', [4, 5]);
const ids = op.input('ids', [op.batch, 2], 'int');
const heads = op.input('heads', [op.batch, 4, 6]);
const token = op.input('token', [op.batch, 1, 6]);
const cache = op.input('cache', [op.batch, 3, 8, 2]);
const isPositive = op.greater(x, 0);

const mistakes: [string, () => unknown, string][] = [
  ['add', () => op.add(x, y), 'add: shapes [batch, 3] and [4, 5] do not broadcast'],
  ['add of dtypes', () => op.add(x, ids), 'add: expected float, got int [batch, 2]'],
  ['exp of ints', () => op.exp(ids), 'exp: expected float, got int [batch, 2]'],
  ['where', () => op.where(isPositive, x, y), 'where: shapes [4, 5] and [batch, 3] do not broadcast'],
  ['where without a condition', () => op.where(x, x, x), 'where: expected bool, got float [batch, 3]'],
  ['matmul', () => op.matmul(x, y), 'matmul: inner sizes 3 and 4 differ ([batch, 3] and [4, 5])'],
  ['matmul of a vector', () => op.matmul(x, op.input('v', [3])), 'matmul: needs matrices, got [batch, 3] and [3]'],
  [
    'transposed matmul',
    () => op.matmul(x, y, { transposeB: true }),
    'inner sizes 3 and 5 differ ([batch, 3] and [4, 5]T)',
  ],
  [
    'batch by batch',
    () => op.matmul(x, x, { transposeB: true }),
    'matmul: the result [batch, batch] would hold two symbolic dims',
  ],
  ['sum', () => op.sum(x, [2]), 'sum: no axis 2 in shape [batch, 3]'],
  ['reshape', () => op.reshape(x, [2, 3]), 'reshape: shapes [batch, 3] and [2, 3] differ in size'],
  ['transpose', () => op.transpose(x, [0, 0]), 'transpose: [0, 0] is no permutation of the axes of [batch, 3]'],
  ['broadcast', () => op.broadcast(x, [op.batch, 1]), 'broadcast: [batch, 3] does not broadcast to [batch, 1]'],
  ['slice', () => op.slice(x, 1, 1, 4), 'slice: 1 to 4 does not lie in axis 1 of [batch, 3]'],
  ['slice of the batch', () => op.slice(x, 0, 0, 1), 'slice: axis 0 of [batch, 3] must have a fixed size, got batch'],
  ['pad', () => op.pad(x, 1, -1, 0), 'pad: widths must be 0 or more, got -1 and 0'],
  ['concat', () => op.concat([x, y], 1), 'concat: float [batch, 3] and float [4, 5] differ beside axis 1'],
  ['concat of batches', () => op.concat([x, x], 0), 'concat: axis 0 of [batch, 3] must have a fixed size, got batch'],
  ['gatherRows', () => op.gatherRows(y, x), 'gatherRows: expected int, got float [batch, 3]'],
  ['scatterAddRows', () => op.scatterAddRows(ids, x, 4), 'ids and updates do not match: [batch, 2] and [batch, 3]'],
  ['topK', () => op.topK(x, 4), 'topK: k must be 1 to 3 for shape [batch, 3], got 4'],
  ['gatherLast', () => op.gatherLast(y, ids), 'gatherLast: values and indices do not match: [4, 5] and [batch, 2]'],
  [
    'scatterLast',
    () => op.scatterLast(ids, x, 4),
    'scatterLast: indices and updates do not match: [batch, 2] and [batch, 3]',
  ],
  ['splitHeads', () => op.splitHeads(op.input('q', [op.batch, 2, 6]), 4), '6 is not a multiple of 4'],
  ['attention', () => op.attention(x, x, x, 1), 'attention: expected [batch, length, width], got [batch, 3]'],
  ...(
    [
      [{ keyValueHeads: 2 }, 'attention: keyValueHeads must divide the 3 heads, got 2'],
      [
        { keyValueHeads: 1 },
        'k and v must be [batch, length, 2] beside [batch, 4, 6], got [batch, 4, 6] and [batch, 4, 6]',
      ],
      [{ window: 0 }, 'attention: window must be 1 or more, got 0'],
      [{ softCap: -1 }, 'attention: softCap must be a positive number, got -1'],
      [{ scale: Infinity }, 'attention: scale must be a positive number, got Infinity'],
    ] satisfies [op.AttentionOptions, string][]
  ).map(([options, message]): [string, () => unknown, string] => [
    `attention ${JSON.stringify(options)}`,
    () => op.attention(heads, heads, heads, 3, options),
    message,
  ]),
  [
    'cachedAttention',
    () => op.cachedAttention(token, token, token, cache, cache, op.input('position', [2], 'int'), 3),
    'cachedAttention: expected position int [1] or [batch], got int [2]',
  ],
  [
    'cachedAttention of other heads',
    () => op.cachedAttention(token, token, token, cache, cache, op.input('position', [1], 'int'), 6),
    'cachedAttention: expected k [batch, 1, 3], got [batch, 1, 6]',
  ],
  ['input', () => op.input('bad', [0, 2]), "input 'bad': sizes must be positive integers, got [0, 2]"],
  [
    'two symbols',
    () => op.input('bad', [op.batch, op.batchDim('rows')]),
    "input 'bad': a shape may hold one symbolic dim, got [batch, rows]",
  ],
  ['constant', () => op.constant(Float32Array.of(1, 2), [3]), 'constant: 2 values given for shape [3]'],
  ['gradients', () => op.gradients(x, [x]), 'the loss and its cotangent differ in shape: [batch, 3] and []'],
  [
    'customGradient',
    () => op.gradients(op.sum(op.customGradient('odd', [x], op.relu, () => [y])), [x]),
    "customGradient 'odd': the gradient of input 0 has shape [4, 5] for [batch, 3]",
  ],
];

describe('shape errors', () => {
  test.each(mistakes)('%s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(op.ShapeError);
  });
});

describe('dims', () => {
  test('equal dims are the same object', () => {
    expect(op.dimProduct(op.batch, 2, 3)).toBe(op.dimProduct(op.batchDim(), 6));
    expect(op.dimQuotient(op.dimProduct(op.batch, 6), 3)).toBe(op.dimProduct(op.batch, 2));
    expect(op.dimQuotient(op.dimProduct(op.batch, 6), op.batch)).toBe(6);
    expect(op.dimProduct()).toBe(1);
    expect(op.batchDim('rows')).not.toBe(op.batch);
  });

  test('only one symbol, and only whole quotients', () => {
    expect(() => op.dimProduct(op.batch, op.batch)).toThrow('a shape may hold one symbolic dim, got batch x batch');
    expect(() => op.dimQuotient(op.batch, 2)).toThrow('batch is not a multiple of 2');
    expect(() => op.dimQuotient(6, op.batch)).toThrow('6 is not a multiple of batch');
  });
});
