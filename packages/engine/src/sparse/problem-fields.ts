// The fields of kernels/problem.as, in its order.

const numbers = [
  'batch',
  'width',
  'features',
  'k',
  'budget',
  'levels',
  'subtractBias',
  'rescale',
  'unitRows',
  'clipped',
  'deadCount',
  'auxK',
  'candidateCapacity',
  'candidateCount',
] as const;
const floats = [
  'scale',
  'auxScale',
  'stepSize',
  'varianceScale',
  'beta1',
  'beta2',
  'clipNorm',
  'clipScale',
  'candidateFloor',
  'smallestKept',
] as const;
const arrays = [
  'x',
  'centred',
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
  'panels',
  'rankNorms',
  'panelScales',
  'panelSlacks',
  'panelBiases',
  'biasSlacks',
  'levelEnds',
  'pairStarts',
  'pairCounts',
  'indices',
  'values',
  'gradients',
  'error',
  'sampleLoss',
  'offsets',
  'sortedSamples',
  'sortedValues',
  'sortedGradients',
  'candidateStarts',
  'candidateCounts',
  'candidateIndices',
  'candidateValues',
  'candidateRanks',
  'dead',
  'auxStarts',
  'auxCounts',
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
  'squares',
] as const;
export const problemFields = [...numbers, ...floats, ...arrays] as const;
export type ProblemArray = (typeof arrays)[number];
export type ProblemNumber = (typeof numbers)[number] | (typeof floats)[number];
export type ProblemField = ProblemArray | ProblemNumber;

const isFloat = new Set<ProblemField>(floats);
const place = new Map<ProblemField, number>(problemFields.map((field, i) => [field, 4 * i]));

/** The numbers and addresses of a problem, as the kernels see them. */
export class ProblemFields {
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  set(values: Partial<Record<ProblemField, number>>): void {
    for (const [field, value] of Object.entries(values) as [ProblemField, number][]) {
      if (isFloat.has(field)) this.view().setFloat32(place.get(field)!, value, true);
      else this.view().setUint32(place.get(field)!, value, true);
    }
  }

  get(field: ProblemField): number {
    const at = place.get(field)!;
    return isFloat.has(field) ? this.view().getFloat32(at, true) : this.view().getUint32(at, true);
  }

  /** Where a field is, in bytes. */
  addressOf(field: ProblemField): number {
    return this.address + place.get(field)!;
  }

  private view(): DataView {
    return new DataView(this.memory.buffer, this.address, 4 * problemFields.length);
  }
}
