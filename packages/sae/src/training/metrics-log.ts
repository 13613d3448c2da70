import type { TrainingMetrics } from '@monosema/catalog';
import type { TrainerStepResult } from './trainer.ts';

/** Makes rows of the training log; each describes the last step, the speed all steps since the row before. */
export class MetricsLog {
  private last: { step: number; time: number };

  constructor(
    private readonly batchTokens: number,
    /** Weight of the auxiliary loss. */
    private readonly auxCoefficient: number,
    firstStep: number,
  ) {
    this.last = { step: firstStep, time: performance.now() };
  }

  row(
    step: number,
    x: Float32Array,
    result: TrainerStepResult,
    dead: Uint8Array,
    learningRate: number,
    coefficient: number,
  ): TrainingMetrics {
    const { mse, parts, l0 } = result;
    const sparsityLoss = Object.values(parts).reduce((sum, part) => sum + part, 0);
    const now = performance.now();
    const stepsSince = step - this.last.step;
    const seconds = Math.max(1e-3, (now - this.last.time) / 1000);
    this.last = { step, time: now };
    return {
      step,
      tokens: step * this.batchTokens,
      loss: mse + sparsityLoss,
      mse,
      sparsityLoss,
      losses: { ...parts },
      rawLosses: { ...(result.raw ?? this.rawOf(parts)) },
      coefficient,
      l0,
      explainedVariance: 1 - mse / variance(x, x.length / this.batchTokens),
      deadFeatures: dead.reduce((sum, isDead) => sum + isDead, 0),
      learningRate,
      tokensPerSecond: (stepsSince * this.batchTokens) / seconds,
    };
  }

  /** A sparse step gives the auxiliary loss alone, weighted. */
  private rawOf({ auxiliary }: Readonly<Record<string, number>>): Record<string, number> {
    return auxiliary === undefined || this.auxCoefficient === 0 ? {} : { auxiliary: auxiliary / this.auxCoefficient };
  }
}

/** Mean over rows of |x - mean|², [rows, width]. */
function variance(x: Float32Array, width: number): number {
  const rows = x.length / width;
  let total = 0;
  for (let d = 0; d < width; d++) {
    let sum = 0;
    let squares = 0;
    for (let at = d; at < x.length; at += width) {
      sum += x[at]!;
      squares += x[at]! ** 2;
    }
    total += squares - sum ** 2 / rows;
  }
  return total / rows;
}
