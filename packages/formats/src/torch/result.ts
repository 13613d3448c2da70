import { FormatError } from '../format-error.ts';
import { torchLimits as limits } from './limits.ts';
import { TorchTensor, type TorchKey, type TorchValue } from './value.ts';

const fail = (message: string): never => {
  throw new FormatError(`torch: ${message}`);
};

/**
 * Checks what came out of a pickle and names its tensors by their path: `{ model: { 'embed.W_E': tensor } }` has
 * "model.embed.W_E". Pickles can hold one list in many places, or a list in itself: the number of values and their depth
 * are bounded.
 */
export function checkResult(pickled: unknown): { value: TorchValue; tensors: Map<string, TorchTensor> } {
  const tensors = new Map<string, TorchTensor>();
  let values = 0;
  const check = (value: unknown, path: readonly string[]): TorchValue => {
    if (++values > limits.values) fail(`more than ${limits.values} values`);
    if (path.length > limits.depth) fail(`lists and dicts more than ${limits.depth} deep in each other`);
    if (value instanceof TorchTensor) {
      const name = path.join('.');
      if (tensors.has(name)) fail(`two tensors are called "${name}"`);
      tensors.set(name, value);
      return value;
    }
    if (Array.isArray(value)) return value.map((item, i) => check(item, [...path, String(i)]));
    if (value instanceof Map)
      return new Map(
        Array.from(value as Map<TorchKey, unknown>, ([key, item]) => [key, check(item, [...path, String(key)])]),
      );
    if (value === null || value instanceof Uint8Array) return value;
    switch (typeof value) {
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return value;
      default:
        return fail(`"${path.join('.')}" is neither a tensor nor a plain value`);
    }
  };
  return { value: check(pickled, []), tensors };
}
