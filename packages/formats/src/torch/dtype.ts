import type { NumberType } from '../number-type.ts';

/** torch's dtypes that are read, and how their numbers are stored. */
export const torchDtypes = {
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint64': 'U64',
  'torch.uint32': 'U32',
  'torch.uint16': 'U16',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
} as const satisfies Record<string, NumberType>;
export type TorchDtype = keyof typeof torchDtypes;

export const isTorchDtype = (name: string): name is TorchDtype => Object.hasOwn(torchDtypes, name);

/** Classes that files name as the type of a storage. The others have no class of their own: their storages are untyped. */
export const storageDtypes: ReadonlyMap<string, TorchDtype | null> = new Map([
  ['torch.DoubleStorage', 'torch.float64'],
  ['torch.FloatStorage', 'torch.float32'],
  ['torch.HalfStorage', 'torch.float16'],
  ['torch.BFloat16Storage', 'torch.bfloat16'],
  ['torch.LongStorage', 'torch.int64'],
  ['torch.IntStorage', 'torch.int32'],
  ['torch.ShortStorage', 'torch.int16'],
  ['torch.CharStorage', 'torch.int8'],
  ['torch.ByteStorage', 'torch.uint8'],
  ['torch.BoolStorage', 'torch.bool'],
  ['torch.UntypedStorage', null],
  ['torch.storage.UntypedStorage', null],
]);
