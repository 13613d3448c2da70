import { trainingSettingsSchema, type TrainingSettings } from '../src/config/training-settings.ts';
import { saeConfigSchema, type ArchitectureName, type SaeConfig } from '../src/config/sae-config.ts';

/** What sae-lens trains as well. */
export const architectures = ['topk', 'batchtopk', 'matryoshka_batchtopk', 'standard', 'gated', 'jumprelu'] as const;

export interface BenchCase {
  architecture: (typeof architectures)[number];
  dIn: number;
  dSae: number;
  batch: number;
  /** Share of latents that are dead and take part in the auxiliary loss. */
  dead: number;
}

export const sizes = [
  { dIn: 512, dSae: 4096 },
  { dIn: 768, dSae: 24_576 },
] as const;
export const k = 32;

/** As SAELens trains it, for both sides: free decoder rows, ranks by decoder norm, gradients clipped. */
export function configOf({ architecture, dIn, dSae }: BenchCase): SaeConfig {
  return saeConfigSchema.parse({
    ...{ architecture: architecture satisfies ArchitectureName, dIn, dSae, k, rescaleByDecoderNorm: true },
    widths: [dSae / 8, dSae / 4, dSae / 2, dSae],
    contract: {
      ...{ modelId: 'bench', hookPoint: 'blocks.0.hook_resid_post', dIn, contextSize: 128 },
      ...{ prependBos: true, excludedTokens: [] },
    },
  });
}
export const settings: TrainingSettings = trainingSettingsSchema.parse({});
export const learningRate = 3e-4;
/** Of standard, gated and jumprelu SAEs. */
export const coefficient = 1;

/** Batches with directions that recur, as activations have them: a sparse mixture, and noise. They are taken in turn. */
export function batchesOf({ dIn, batch }: BenchCase, count = 4): Float32Array[] {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 0) / 2 ** 32;
  };
  const normal = (): number => random() + random() + random() + random() - 2;
  const directions = Array.from({ length: 256 }, () => Float32Array.from({ length: dIn }, normal));
  return Array.from({ length: count }, () => {
    const x = Float32Array.from({ length: batch * dIn }, () => 0.2 * normal());
    for (let row = 0; row < batch; row++)
      for (let i = 0; i < 12; i++) {
        const direction = directions[Math.floor(random() ** 2 * directions.length)]!;
        const amount = random();
        for (let d = 0; d < dIn; d++) x[row * dIn + d]! += amount * direction[d]!;
      }
    return x;
  });
}
