export {
  decodeTraced,
  encodeTraced,
  preActivations,
  reconstructTraced,
  type TracedParameters,
} from './architectures.ts';
export { SaeFormatError } from './checkpoint/format-error.ts';
export { loadSae, saveSae, type Files } from './checkpoint/sae-files.ts';
export { readSaeFolder, writeFiles, writeSaeFolder } from './checkpoint/sae-folder.ts';
export { saeConfigSchema, type SaeConfig, type SaeConfigInput } from './config.ts';
export { decode } from './decode.ts';
export { compileEncode, type Encoder } from './encode.ts';
export { inputsOf, parameterArrays, parameterInputs } from './parameter-inputs.ts';
export { parameterNames, parameterShapes, type Sae, type SaeParameters } from './sae.ts';
export { concatRows, sparseFromDense, type SparseRows } from './sparse-rows.ts';
