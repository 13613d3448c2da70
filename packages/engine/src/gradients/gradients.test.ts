// What the table of op-cases.test.ts cannot see: where gradients stop, how they add up, and rules of one's own.
import { describe, expect, test } from 'vitest';
import * as op from '../index.ts';
import type { Traced } from '../index.ts';
import { topologicalOrder } from '../trace.ts';

const at = (values: number[]) => ({ data: Float64Array.from(values), shape: [values.length] });
function slopesAt(f: (x: Traced) => Traced, values: number[]): number[] {
  const x = op.input('x', [values.length]);
  const [slope] = op.gradients(op.sum(f(x)), [x]);
  return [...op.evaluate({ inputs: { x }, outputs: { slope: slope! } }, { x: at(values) })['slope']!.data];
}

describe('gradients', () => {
  test('add up over all uses of a value', () => {
    expect(slopesAt((x) => op.add(op.mul(x, x), op.mul(x, 3)), [1, 2])).toEqual([5, 7]);
  });

  test('stop at stopGradient', () => {
    expect(slopesAt((x) => op.mul(x, op.stopGradient(x)), [3, 4])).toEqual([3, 4]);
  });

  test('are zeros where the loss does not depend on a variable', () => {
    const [x, unused] = [op.input('x', [op.batch]), op.input('unused', [op.batch, 2])];
    const { x: dx, unused: none } = op.gradientsOf(op.sum(x), { x, unused });
    const program = { inputs: { x, unused }, outputs: { dx, none } };
    const found = op.evaluate(program, { x: at([1, 2]), unused: { data: [1, 2, 3, 4], shape: [2, 2] } });
    expect(found['dx']!.data).toEqual(Float64Array.of(1, 1));
    expect(found['none']).toEqual({ data: new Float64Array(4), shape: [2, 2] });
  });

  test('follow a rule of one’s own: the JumpReLU of Rajamanoharan et al. 2024', () => {
    const bandwidth = 0.5;
    const jumpRelu = (x: Traced, threshold: Traced) =>
      op.customGradient(
        'jumpRelu',
        [x, threshold],
        (x, threshold) => op.where(op.greater(x, threshold), x, 0),
        ([x, threshold], _y, cotangent) => {
          const near = op.toFloat(op.greater(bandwidth / 2, op.abs(op.sub(x!, threshold!))));
          const slope = op.mul(op.mul(near, cotangent), op.mul(threshold!, -1 / bandwidth));
          return [op.where(op.greater(x!, threshold!), cotangent, 0), op.sum(slope)];
        },
      );
    const [x, threshold] = [op.input('x', [4]), op.input('threshold', [])];
    const y = jumpRelu(x, threshold);
    const slopes = op.gradientsOf(op.sum(y), { x, threshold });
    const program = { inputs: { x, threshold }, outputs: { y, dx: slopes.x, dt: slopes.threshold } };
    const found = op.evaluate(program, { x: at([-1, 0.9, 1.1, 3]), threshold: { data: [1], shape: [] } });
    expect([...found['y']!.data]).toEqual([0, 0, 1.1, 3]);
    expect([...found['dx']!.data]).toEqual([0, 0, 1, 1]);
    expect([...found['dt']!.data]).toEqual([-4]); // two values near the threshold, each -1 / bandwidth
  });

  test('second derivatives: gradients are programs', () => {
    const x = op.input('x', [1]);
    const [first] = op.gradients(op.sum(op.exp(op.mul(x, 2))), [x]);
    const [second] = op.gradients(op.sum(first!), [x]);
    const { data } = op.evaluate({ inputs: { x }, outputs: { second: second! } }, { x: at([0.5]) })['second']!;
    expect(data[0]).toBeCloseTo(4 * Math.E, 12);
  });

  test('d bias of a linear layer needs no product', () => {
    const [x, W, b] = [op.input('x', [op.batch, 4]), op.input('W', [4, 3]), op.input('b', [4])];
    const loss = op.sum(op.relu(op.matmul(op.sub(x, b), W)));
    const [slope] = op.gradients(loss, [b]);
    const big = topologicalOrder([slope!]).filter(
      ({ op: { kind }, shape }) => kind === 'matmul' && shape[0] === op.batch,
    );
    expect(big.length).toBe(1); // the forward one only
  });
});
