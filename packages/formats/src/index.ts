export type { NamedArray, NamedArrays } from './named-array.ts';
export type { TensorFile, TensorInfo } from './tensor-file.ts';
export { FormatError } from './format-error.ts';
export { bytesSource, openFileSource, type ByteSource } from './byte-source.ts';
export { openSafetensors, readSafetensors, readSafetensorsHeader, type SafetensorsFile } from './safetensors/read.ts';
export { readShardIndex } from './safetensors/shard-index.ts';
export { writeSafetensors } from './safetensors/write.ts';
export type { SafetensorsHeader, TensorEntry } from './safetensors/header.ts';
export { safetensorsLimits } from './safetensors/limits.ts';
