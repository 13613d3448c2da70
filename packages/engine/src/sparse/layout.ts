import type { ProblemArray } from './problem-fields.ts';

// Where everything lies in the kernels' memory.

/** Constants of kernels/problem.as and kernels/search.as. */
export const SAMPLES_PER_BLOCK = 32;
export const FEATURES_PER_BLOCK = 32;
const PANEL = 8;
const SEARCH_BYTES = 64;
const FOUND_BYTES = 12;
/** Floats that a row is padded to: four SIMD vectors. */
const ROW_CHUNK = 16;

/** Words of the control block, which threads use to meet; see step-worker.mjs. */
const CONTROL_AT = 1024;
const PROBLEM_AT = 2048;
const FIRST_ARRAY = 4096;
export const PAGE = 65_536;
export const MOST_PAGES = 65_536;

export interface Sizes {
  dIn: number;
  dSae: number;
  /** Active latents of a sample, or the whole number above their mean. */
  k: number;
  /** Active latents of the batch; 0 where k is every sample's. */
  budget: number;
  batch: number;
  auxK: number;
  levelEnds: readonly number[];
  subtractBias: boolean;
  threads: number;
}

export interface Layout {
  width: number;
  control: number;
  problem: number;
  /** Byte address of each array of the problem. */
  arrays: Partial<Record<ProblemArray, number>>;
  /** Byte address of each thread's scratch. */
  scratch: number[];
  /** Where the candidates of a batch begin; nothing comes after them, so that they can grow. */
  candidates: { at: number; capacity: number };
  pages: number;
  sampleBlocks: number;
  featureBlocks: number;
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Gives every array its place, also when it needs more than the MOST_PAGES that WebAssembly can address. */
export function layOut(sizes: Sizes): Layout {
  const width = roundUp(sizes.dIn, ROW_CHUNK);
  let next = FIRST_ARRAY;
  const reserve = (floats: number): number => {
    const at = next;
    next += roundUp(4 * floats, 64);
    return at;
  };
  const arrays: Layout['arrays'] = {};
  for (const [field, length] of Object.entries(arrayLengths(sizes, width)) as [ProblemArray, number][])
    arrays[field] = reserve(length);
  // Where inputs are encoded as they are, nothing is to be centred.
  if (!sizes.subtractBias) arrays.centred = arrays.x!;
  const scratch = Array.from({ length: sizes.threads }, () => reserve(scratchBytes(sizes, width) / 4));
  const capacity = sizes.budget > 0 ? 2 * sizes.budget : 0;
  const candidates = { at: next, capacity };
  const pages = Math.ceil((next + candidateBytes(capacity)) / PAGE);
  return {
    ...{ width, arrays, scratch, candidates, pages, control: CONTROL_AT, problem: PROBLEM_AT },
    sampleBlocks: Math.ceil(sizes.batch / SAMPLES_PER_BLOCK),
    featureBlocks: Math.ceil(sizes.dSae / FEATURES_PER_BLOCK),
  };
}

/** Feature, value and rank of each candidate, one array after the other. */
export const candidateBytes = (capacity: number): number => 12 * capacity;

/** As scratchNeeded of kernels/encode.as. */
export function scratchBytes({ dSae, auxK }: Pick<Sizes, 'dSae' | 'auxK'>, width: number): number {
  const lists = (dSae + 532) * FOUND_BYTES * (auxK > 0 ? 2 : 1);
  const searches = SAMPLES_PER_BLOCK * (SEARCH_BYTES + 2 * width + lists);
  return Math.max(searches + 8 * (dSae + 2 * PANEL), 8 * width, 8192);
}

/** Length of each array in floats or ints. */
function arrayLengths(sizes: Sizes, width: number): Partial<Record<ProblemArray, number>> {
  const { dSae, k, auxK, batch, budget, subtractBias } = sizes;
  const levels = sizes.levelEnds.length;
  const features = roundUp(dSae, PANEL);
  const sampleBlocks = Math.ceil(batch / SAMPLES_PER_BLOCK);
  const featureBlocks = Math.ceil(dSae / FEATURES_PER_BLOCK);
  const rows = batch * width;
  const weights = features * width;
  const pairs = budget > 0 ? budget : batch * k;
  const auxPairs = batch * auxK;
  const each = (names: readonly ProblemArray[], length: number): Partial<Record<ProblemArray, number>> =>
    Object.fromEntries(names.map((name) => [name, length]));
  return {
    ...each(['x'], rows),
    ...each(['centred'], subtractBias ? rows : 0),
    ...each(['encoder', 'encoderM', 'encoderV', 'decoder', 'decoderM', 'decoderV'], weights),
    ...each(['encoderBias', 'encoderBiasM', 'encoderBiasV'], features),
    ...each(['decoderBias', 'decoderBiasM', 'decoderBiasV'], width),
    ...each(['panels'], weights / 2),
    ...each(['rankNorms', 'panelScales', 'panelSlacks', 'panelBiases', 'biasSlacks', 'dead'], features),
    ...each(['levelEnds'], levels),
    ...each(['pairStarts', 'pairCounts', 'candidateCounts'], batch),
    ...each(['candidateStarts'], sampleBlocks),
    ...each(['indices', 'values', 'gradients', 'sortedSamples', 'sortedValues', 'sortedGradients'], pairs),
    ...each(['error'], levels * rows),
    ...each(['sampleLoss'], levels * batch),
    ...each(['offsets', 'auxOffsets'], dSae + 1),
    ...each(['auxStarts', 'auxCounts', 'auxSampleLoss'], auxK > 0 ? batch : 0),
    ...each(['auxIndices', 'auxValues', 'auxGradients'], auxPairs),
    ...each(['auxSortedSamples', 'auxSortedValues', 'auxSortedGradients'], auxPairs),
    ...each(['auxError'], auxK > 0 ? rows : 0),
    ...each(['errorSums'], sampleBlocks * width),
    ...each(['encoderSums'], featureBlocks * width),
    ...each(['squares'], 2 * featureBlocks),
  };
}
