export type { TracedParameters } from './architectures/architecture.ts';
export { foldDecoderNorms } from './architectures/fold-decoder-norms.ts';
export { foldInputScale } from './architectures/fold-input-scale.ts';
export { inferenceSae } from './architectures/inference-sae.ts';
export {
  decodeTraced,
  encodeTraced,
  reconstructTraced,
  spliceTraced,
  type SpliceOptions,
} from './architectures/reconstruct.ts';
export { SaeFormatError } from './checkpoint/format-error.ts';
export type { LoadNote } from './checkpoint/load-note.ts';
export { loadSae, loadSaeWithNotes, saveSae, type Files, type LoadedSae } from './checkpoint/sae-files.ts';
export { readSaeFolder, readSaeFolderWithNotes, writeFiles, writeSaeFolder } from './checkpoint/sae-folder.ts';
export {
  architectureNames,
  outputWidth,
  saeConfigSchema,
  type ArchitectureName,
  type ConfigOf,
  type SaeConfig,
  type SaeConfigInput,
} from './config/sae-config.ts';
export { decode, decoderRowNorms, needsInput } from './decode.ts';
export { compileEncode, type Encoder } from './encode.ts';
export { inputsOf, parameterArrays, parameterInputs } from './parameter-inputs.ts';
export { parameter, parameterNames, parameterShapes, type ParameterName, type Sae, type SaeParameters } from './sae.ts';
export { concatRows, sparseFromDense, type SparseRows } from './sparse-rows.ts';
