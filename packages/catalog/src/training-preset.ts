import type { LaunchableArchitecture, TrainingRequestInput } from './run.ts';

/** Where training starts from, by architecture: sparsity, learning rate and the short name of the set. */
interface Start {
  readonly sparsity: Pick<TrainingRequestInput, 'k' | 'l1Coefficient' | 'l0Coefficient'>;
  /** Of an SAE of 1024 latents. */
  readonly learningRate: number;
  readonly setName: string;
}

// Measured on the bundled model by packages/sae/bench/sweep.ts; the table is in docs/training.md.
const starts: Readonly<Record<LaunchableArchitecture, Start>> = {
  topk: { sparsity: { k: 8 }, learningRate: 4e-3, setName: 'tk' },
  batchtopk: { sparsity: { k: 8 }, learningRate: 4e-3, setName: 'btk' },
  matryoshka_batchtopk: { sparsity: { k: 8 }, learningRate: 4e-3, setName: 'mtk' },
  standard: { sparsity: { l1Coefficient: 1 }, learningRate: 2e-3, setName: 'l1' },
  gated: { sparsity: { l1Coefficient: 2 }, learningRate: 2e-3, setName: 'gated' },
  jumprelu: { sparsity: { l0Coefficient: 0.2 }, learningRate: 4e-3, setName: 'jump' },
};

/** What a preset says of a request. */
export type TrainingPreset = Pick<
  TrainingRequestInput,
  'architecture' | 'dSae' | 'k' | 'l1Coefficient' | 'l0Coefficient' | 'widths' | 'learningRate'
> & { setName: string };

/**
 * Good values for an architecture and a width. Coefficients are those of inputs scaled to norm sqrt(d_in), as runs scale
 * them where a penalty makes codes sparse, so they suit any model. Wide SAEs take smaller steps: the rate falls with the
 * square root of the width (Gao et al. 2024). Matryoshka SAEs have levels of a sixteenth, a quarter and all of the width.
 *
 * @example trainingPreset('jumprelu', 4096) // { architecture: 'jumprelu', dSae: 4096, l0Coefficient: …, learningRate: 2e-3, … }
 */
export function trainingPreset(architecture: LaunchableArchitecture, dSae = 1024): TrainingPreset {
  const { sparsity, learningRate, setName } = starts[architecture];
  return {
    architecture,
    dSae,
    ...sparsity,
    ...(sparsity.k !== undefined && { k: Math.min(sparsity.k, dSae) }),
    ...(architecture === 'matryoshka_batchtopk' && { widths: nestedWidths(dSae) }),
    learningRate: Number((learningRate * Math.min(1, Math.sqrt(1024 / dSae))).toPrecision(2)),
    setName,
  };
}

/** Levels of a Matryoshka SAE, ascending to d_sae. */
export const nestedWidths = (dSae: number): number[] => [
  ...new Set([16, 4, 1].map((part) => Math.max(1, Math.floor(dSae / part)))),
];
