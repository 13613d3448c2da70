// Reverse-mode differentiation: the rules are written in the same ops, so gradients are programs too.
import { formatShape, sameShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { add, broadcast, scalar } from '../ops/index.ts';
import { topologicalOrder } from '../trace.ts';
import type { Traced, TracedRecord } from '../trace.ts';
import { cotangentsOfInputs } from './rules.ts';

/**
 * d(loss)/d(each of `wrt`), each in the shape of its variable; zeros where the loss does not depend on it.
 * `loss` is a scalar unless `seed` (its cotangent, of the same shape) is given.
 * @example const [dW] = op.gradients(op.mean(op.square(op.sub(op.matmul(x, W), y))), [W])
 */
export function gradients(loss: Traced, wrt: readonly Traced[], seed: Traced = scalar(1)): Traced[] {
  if (!sameShape(loss.shape, seed.shape)) {
    const shapes = `${formatShape(loss.shape)} and ${formatShape(seed.shape)}`;
    throw new ShapeError(`gradients: the loss and its cotangent differ in shape: ${shapes}`);
  }
  const order = topologicalOrder([loss]);
  // Only nodes that depend on a target need a cotangent.
  const active = new Set<Traced>(wrt);
  for (const node of order) if (node.inputs.some((input) => active.has(input))) active.add(node);
  const isActive = (node: Traced) => active.has(node);

  const cotangents = new Map<Traced, Traced>([[loss, seed]]);
  for (const node of order.reverse()) {
    const cotangent = cotangents.get(node);
    if (!cotangent || !node.inputs.some(isActive)) continue;
    const contributions = cotangentsOfInputs(node, cotangent, isActive);
    node.inputs.forEach((input, i) => {
      const contribution = contributions[i];
      if (!contribution || !isActive(input)) return;
      const earlier = cotangents.get(input);
      cotangents.set(input, earlier ? add(earlier, contribution) : contribution);
    });
  }
  return wrt.map((target) => cotangents.get(target) ?? broadcast(scalar(0), target.shape));
}

/** {@link gradients} by name: `gradientsOf(loss, { W, b })` gives `{ W: dW, b: db }`. */
export function gradientsOf<T extends TracedRecord>(loss: Traced, wrt: T): { [K in keyof T]: Traced } {
  const values = gradients(loss, Object.values(wrt));
  return Object.fromEntries(Object.keys(wrt).map((name, i) => [name, values[i]])) as { [K in keyof T]: Traced };
}
