// Where everything lies in the kernels' memory. Field names and order are those of kernels/problem.as.

/** Constants of kernels/problem.as. */
export const SAMPLES_PER_BLOCK = 16;
export const FEATURES_PER_BLOCK = 32;
const PANEL = 8;
/** Floats that a row is padded to: four SIMD vectors. */
const ROW_CHUNK = 16;

export const problemFields = [
  'batch',
  'width',
  'features',
  'k',
  'preStride',
  'encoded',
  'deadCount',
  'auxK',
  'scale',
  'auxScale',
  'stepSize',
  'varianceScale',
  'x',
  'centred',
  'preActivations',
  'panels',
  'encoder',
  'encoderM',
  'encoderV',
  'decoder',
  'decoderM',
  'decoderV',
  'encoderBias',
  'encoderBiasM',
  'encoderBiasV',
  'decoderBias',
  'decoderBiasM',
  'decoderBiasV',
  'indices',
  'values',
  'gradients',
  'error',
  'sampleLoss',
  'offsets',
  'sortedSamples',
  'sortedValues',
  'sortedGradients',
  'dead',
  'auxIndices',
  'auxValues',
  'auxGradients',
  'auxError',
  'auxSampleLoss',
  'auxOffsets',
  'auxSortedSamples',
  'auxSortedValues',
  'auxSortedGradients',
  'errorSums',
  'encoderSums',
] as const;
export type ProblemField = (typeof problemFields)[number];

/** Words of the control block, which threads use to meet; see topk-worker.mjs. */
export const CONTROL_WORDS = 16;
const CONTROL_AT = 1024;
const PROBLEM_AT = 2048;
const FIRST_ARRAY = 4096;
const PAGE = 65_536;
const MOST_BYTES = 2 ** 32 - PAGE;

export interface Sizes {
  dIn: number;
  dSae: number;
  k: number;
  batch: number;
  auxK: number;
  threads: number;
  encoded: boolean;
}

export interface Layout {
  width: number;
  preStride: number;
  control: number;
  problem: number;
  /** Byte address of each array of the problem. */
  arrays: Partial<Record<ProblemField, number>>;
  /** Byte address of each thread's scratch. */
  scratch: number[];
  pages: number;
  sampleBlocks: number;
  featureBlocks: number;
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Gives every array its place. @throws RangeError when the problem is larger than WebAssembly can address (4 GiB) */
export function layOut(sizes: Sizes): Layout {
  const width = roundUp(sizes.dIn, ROW_CHUNK);
  const preStride = sizes.encoded ? sizes.dSae : roundUp(sizes.dSae, PANEL);
  let next = FIRST_ARRAY;
  const reserve = (floats: number): number => {
    const at = next;
    next += roundUp(4 * floats, 64);
    return at;
  };
  const lengths = arrayLengths(sizes, width, preStride);
  const arrays: Partial<Record<ProblemField, number>> = {};
  for (const field of problemFields) if (field in lengths) arrays[field] = reserve(lengths[field] ?? 0);
  const scratchFloats = Math.max((SAMPLES_PER_BLOCK + 1) * preStride, 2 * width);
  const scratch = Array.from({ length: sizes.threads }, () => reserve(scratchFloats));
  if (next > MOST_BYTES) {
    throw new RangeError(
      `a TopK step with dIn ${sizes.dIn}, dSae ${sizes.dSae}, batch ${sizes.batch} needs ${(next / 2 ** 30).toFixed(1)} GiB, but at most 4 GiB can be addressed: use a smaller batch or width`,
    );
  }
  return {
    width,
    preStride,
    control: CONTROL_AT,
    problem: PROBLEM_AT,
    arrays,
    scratch,
    pages: Math.ceil(next / PAGE),
    sampleBlocks: Math.ceil(sizes.batch / SAMPLES_PER_BLOCK),
    featureBlocks: Math.ceil(sizes.dSae / FEATURES_PER_BLOCK),
  };
}

/** Length of each array in floats or ints. */
function arrayLengths(sizes: Sizes, width: number, preStride: number): Partial<Record<ProblemField, number>> {
  const { dSae, k, auxK, encoded } = sizes;
  const batch = roundUp(sizes.batch, SAMPLES_PER_BLOCK);
  const features = roundUp(dSae, PANEL);
  const rows = batch * width;
  const weights = features * width;
  return {
    x: rows,
    centred: rows,
    error: rows,
    auxError: auxK > 0 ? rows : 0,
    preActivations: encoded ? batch * preStride : 0,
    panels: encoded ? 0 : weights,
    encoder: weights,
    encoderM: weights,
    encoderV: weights,
    decoder: weights,
    decoderM: weights,
    decoderV: weights,
    encoderBias: features,
    encoderBiasM: features,
    encoderBiasV: features,
    decoderBias: width,
    decoderBiasM: width,
    decoderBiasV: width,
    indices: batch * k,
    values: batch * k,
    gradients: batch * k,
    sampleLoss: batch,
    offsets: dSae + 1,
    sortedSamples: batch * k,
    sortedValues: batch * k,
    sortedGradients: batch * k,
    dead: dSae,
    auxIndices: batch * auxK,
    auxValues: batch * auxK,
    auxGradients: batch * auxK,
    auxSampleLoss: batch,
    auxOffsets: dSae + 1,
    auxSortedSamples: batch * auxK,
    auxSortedValues: batch * auxK,
    auxSortedGradients: batch * auxK,
    errorSums: Math.ceil(batch / SAMPLES_PER_BLOCK) * width,
    encoderSums: Math.ceil(dSae / FEATURES_PER_BLOCK) * width,
  };
}
