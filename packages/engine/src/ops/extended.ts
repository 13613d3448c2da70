// Two ways to add an operation without a new kind: a gradient of one's own, and a fast kernel of an executor.
import { formatShape, sameShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { Traced } from '../trace.ts';
import type { Backward, Decompose, FusedKind } from '../trace.ts';

/**
 * The value of `forward(...inputs)`, but with `backward` as its gradient: for straight-through estimators.
 * `backward` gives one cotangent per input, in its shape (null: none). `name` stands in errors.
 * @example
 * const step = (x: Traced) => op.toFloat(op.greater(x, 0));
 * op.customGradient('straightThroughStep', [x], step, (_inputs, _output, cotangent) => [cotangent]);
 */
export function customGradient(
  name: string,
  inputs: readonly Traced[],
  forward: (...inputs: Traced[]) => Traced,
  backward: Backward,
): Traced {
  const value = forward(...inputs);
  const checked: Backward = (given, output, cotangent) => {
    const cotangents = backward(given, output, cotangent);
    given.forEach((x, i) => {
      const found = cotangents[i];
      if (found && !sameShape(found.shape, x.shape)) {
        const shapes = `${formatShape(found.shape)} for ${formatShape(x.shape)}`;
        throw new ShapeError(`customGradient '${name}': the gradient of input ${i} has shape ${shapes}`);
      }
    });
    return cotangents;
  };
  return new Traced({ kind: 'custom', name, backward: checked }, [value, ...inputs], value.shape, value.dtype);
}

/**
 * An operation that an executor may run as one kernel. `decompose` says what it means (called once here, for the shape);
 * gradients, the reference and executors without the kernel go through it.
 */
export function fused(
  name: FusedKind,
  inputs: readonly Traced[],
  attributes: Readonly<Record<string, number>>,
  decompose: Decompose,
): Traced {
  return new Traced({ kind: 'fused', name, attributes, decompose }, [...inputs], decompose(inputs).shape, 'float');
}
