import { FormatError } from '../format-error.ts';
import { elementCount } from '../named-array.ts';
import { numberBytes } from '../number-type.ts';
import { isTorchDtype, storageDtypes, torchDtypes, type TorchDtype } from './dtype.ts';
import { torchLimits as limits } from './limits.ts';
import type { PickleRules } from './unpickle.ts';
import { TorchTensor, type TorchStorage } from './value.ts';

/** A name that a pickle may call. */
class Callable {
  readonly name: string;
  readonly call: (args: readonly unknown[]) => unknown;
  constructor(name: string, call: (args: readonly unknown[]) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/** A class that a pickle may mention: the type of a storage, or of a tensor. */
class ClassName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const fail = (message: string): never => {
  throw new FormatError(`torch pickle: ${message}`);
};

/** What is restored by calls, as torch's own `weights_only` allows it, less what SAEs and models have no use for. */
const callables: ReadonlyMap<string, Callable> = new Map(
  (
    [
      // The stride and the dtype of an argument list: storage, offset, shape, strides, requires_grad, hooks, dtype.
      ['torch._utils._rebuild_tensor', (args) => tensorOf(args, null)],
      ['torch._utils._rebuild_tensor_v2', (args) => tensorOf(args, null)],
      ['torch._utils._rebuild_tensor_v3', (args) => tensorOf(args, args[6])],
      ['torch._utils._rebuild_parameter', ([tensor]) => tensor],
      ['torch._utils._rebuild_parameter_with_state', ([tensor]) => tensor],
      ['torch._tensor._rebuild_from_type_v2', ([callee, , args]) => applyCallable(callee, args)],
      ['torch.Size', ([sizes = []]) => sizes],
      ['torch.device', (args) => args.join(':')],
      ['collections.OrderedDict', orderedDict],
      ['builtins.set', ([items = []]) => items],
      ['__builtin__.set', ([items = []]) => items],
      ['_codecs.encode', latin1],
    ] satisfies [string, Callable['call']][]
  ).map(([name, call]) => [name, new Callable(name, call)]),
);
const tensorClasses = new Set(['torch.Tensor', 'torch.nn.parameter.Parameter']);

/** The rules of torch's pickles: only tensors, their storages and plain values. */
export const torchRules: PickleRules = {
  global(name) {
    if (isTorchDtype(name)) return name;
    if (storageDtypes.has(name) || tensorClasses.has(name)) return new ClassName(name);
    return (
      callables.get(name) ??
      fail(
        `"${name}" is not allowed: only tensors and plain values are read, nothing is executed. Save a state_dict instead of a whole object`,
      )
    );
  },
  call: applyCallable,
  persistent(id) {
    if (!Array.isArray(id) || id[0] !== 'storage') return fail('something outside of the file that is no storage');
    const [, type, key, , count, view] = id as unknown[];
    if (!(type instanceof ClassName) || !storageDtypes.has(type.name)) return fail('a storage without a type');
    if (typeof key !== 'string' || key === '' || key.length > 100) return fail('a storage without a key');
    if (!isSize(count)) return fail(`storage "${key}" has size ${String(count)}`);
    if (view != null) return fail(`storage "${key}" is a view into another, as very old versions of torch wrote them`);
    const dtype = storageDtypes.get(type.name)!;
    return new Storage(key, dtype, count * (dtype === null ? 1 : numberBytes[torchDtypes[dtype]]));
  },
};

class Storage implements TorchStorage {
  readonly key: string;
  readonly dtype: TorchDtype | null;
  readonly bytes: number;
  constructor(key: string, dtype: TorchDtype | null, bytes: number) {
    this.key = key;
    this.dtype = dtype;
    this.bytes = bytes;
  }
}

function applyCallable(callee: unknown, args: unknown): unknown {
  if (!(callee instanceof Callable) || !Array.isArray(args)) return fail('a call of what cannot be called');
  return callee.call(args);
}

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);

function tensorOf([storage, offset, shape, strides]: readonly unknown[], ownDtype: unknown): TorchTensor {
  if (!(storage instanceof Storage)) return fail('a tensor without a storage');
  const where = `a tensor in storage "${storage.key}"`;
  const dtype = ownDtype ?? storage.dtype;
  if (typeof dtype !== 'string' || !isTorchDtype(dtype)) return fail(`${where} has no dtype that is read`);
  if (!isSize(offset)) return fail(`${where} has offset ${String(offset)}`);
  if (!isSizes(shape) || shape.length > limits.rank)
    return fail(`the shape of ${where} is no list of at most ${limits.rank} sizes`);
  if (!isSizes(strides) || strides.length !== shape.length) return fail(`the strides of ${where} do not fit its shape`);
  const view = new TorchTensor({ dtype, shape, strides, offset, storage });
  checkView(view, where);
  return view;
}

/** Every number must lie in the storage, and there may be many more numbers than there only where `expand` was used. */
function checkView({ dtype, shape, strides, offset, storage }: TorchTensor, where: string): void {
  const count = elementCount(shape);
  if (count === 0) return;
  const stored = storage.bytes / numberBytes[torchDtypes[dtype]];
  const last = shape.reduce((at, size, i) => at + (size - 1) * strides[i]!, offset);
  if (!(last < stored)) fail(`${where} of shape [${shape.join(', ')}] ends at number ${last}, but there are ${stored}`);
  if (count > stored && count > limits.repeatedNumbers)
    fail(`${where} repeats its ${stored} numbers to ${count}, at most ${limits.repeatedNumbers} are read`);
}

function orderedDict([pairs = []]: readonly unknown[]): Map<unknown, unknown> {
  const isPair = (pair: unknown): pair is [string, unknown] =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string';
  if (!Array.isArray(pairs) || !pairs.every(isPair)) return fail('an OrderedDict is made of something else than pairs');
  return new Map(pairs);
}

/** How protocol 2 writes bytes: as text of the same numbers. */
function latin1([text, encoding]: readonly unknown[]): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1') return fail('_codecs.encode of something else than bytes');
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    return code < 256 ? code : fail('_codecs.encode of something else than bytes');
  });
}
