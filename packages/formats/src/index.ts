export type { NamedArray, NamedArrays } from './named-array.ts';
export { FormatError } from './format-error.ts';
export { readSafetensors, readSafetensorsHeader } from './safetensors/read.ts';
export { writeSafetensors } from './safetensors/write.ts';
export type { SafetensorsHeader, TensorEntry } from './safetensors/header.ts';
export { safetensorsLimits } from './safetensors/limits.ts';
