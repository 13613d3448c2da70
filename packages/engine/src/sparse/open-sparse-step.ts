import { availableParallelism } from 'node:os';
import { checkOptions } from './check-options.ts';
import { layOut, MOST_PAGES, type Sizes } from './layout.ts';
import { ProblemMemory } from './problem-memory.ts';
import { StepThreads } from './step-threads.ts';
import type { SparseStep, SparseStepOptions, SparseStepResult, StepSizes } from './types.ts';

/**
 * Opens the training step of a TopK, BatchTopK or Matryoshka SAE: z = (x - b_dec) W_enc + b_enc, f = ReLU of the best z,
 * x_hat = f W_dec + b_dec, loss = mean over samples of |x_hat - x|² (summed over nested dictionaries) + auxiliary loss,
 * Adam on all parameters. Nothing but the encoder's product is dense, and that one only bounds which latents may be
 * among the best; those are then measured in float32.
 *
 * The auxiliary loss is SAELens's: coefficient * min(dead / (d_in / 2), 1) * mean |sum of the auxK best dead latents'
 * rows - residual|², the residual a constant, no bias (Gao et al. 2024; SAELens v6.36.2).
 *
 * @throws RangeError when a size or an array's length is wrong, naming it
 * @example
 * const step = await openSparseStep({ dIn: 64, dSae: 1024, k: 8, batch: 2048, parameters });
 * const { mse, l0 } = await step.step(x, { learningRate: 1e-3 });
 * const { parameters: trained } = await step.read();
 * await step.close();
 */
export async function openSparseStep(options: SparseStepOptions): Promise<SparseStep> {
  checkOptions(options);
  const { optimiser, clipNorm = null, beta1 = 0.9, beta2 = 0.999 } = options;
  const problem = new ProblemMemory(sizesOf(options));
  problem.fields.set({
    ...{ beta1, beta2, clipNorm: clipNorm ?? Infinity, clipped: Number(clipNorm !== null) },
    rescale: Number(options.rescaleByDecoderNorm ?? false),
    unitRows: Number((options.decoderRows ?? 'unit') === 'unit'),
  });
  problem.writeParameters('weights', options.parameters);
  if (optimiser) problem.writeOptimiser(optimiser);
  const auxiliary = { deadWanted: deadWanted(options), coefficient: options.auxCoefficient ?? 1 / 32 };
  return new WasmStep(problem, await StepThreads.start(problem), auxiliary, { beta1, beta2 }, optimiser?.step ?? 0);
}

const deadWanted = ({ auxK, dIn }: StepSizes): number => auxK ?? Math.floor(dIn / 2);

function sizesOf(options: StepSizes): Sizes {
  const { dIn, dSae, k, batch } = options;
  return {
    ...{ dIn, dSae, batch, k: Math.min(Math.ceil(k), dSae) },
    budget: options.kept === 'batch' ? Math.floor(k * batch) : 0,
    auxK: Math.min(deadWanted(options), dSae),
    levelEnds: options.widths ?? [dSae],
    subtractBias: options.subtractDecoderBias ?? true,
    threads: options.threads ?? availableParallelism(),
  };
}

/** Whether a step of these sizes fits into the 4 GiB that WebAssembly can address: parameters and moments alone take 24 bytes a weight. */
export function fitsSparseStep(options: StepSizes): boolean {
  return layOut(sizesOf(options)).pages <= MOST_PAGES;
}

class WasmStep implements SparseStep {
  private busy = false;

  constructor(
    private readonly problem: ProblemMemory,
    private readonly running: StepThreads,
    private readonly auxiliary: { deadWanted: number; coefficient: number },
    private readonly decay: { beta1: number; beta2: number },
    private steps: number,
  ) {}

  get threads(): number {
    return this.problem.sizes.threads;
  }

  get memoryBytes(): number {
    return this.problem.memory.buffer.byteLength;
  }

  async step(
    x: Float32Array,
    { learningRate, dead }: { learningRate: number; dead?: Uint8Array },
  ): Promise<SparseStepResult> {
    const { batch, dIn, dSae } = this.problem.sizes;
    if (this.busy) throw new Error('a sparse step is still running: await it first');
    if (x.length !== batch * dIn)
      throw new RangeError(`x has ${x.length} values, but batch ${batch} x dIn ${dIn} is ${batch * dIn}`);
    if (dead && dead.length !== dSae) throw new RangeError(`dead has ${dead.length} values, but dSae is ${dSae}`);
    this.busy = true;
    try {
      this.problem.writeRows('x', x);
      const auxWeight = this.writeDead(dead);
      this.writeRates(learningRate);
      await this.running.run();
      return this.result(auxWeight);
    } finally {
      this.busy = false;
    }
  }

  read(): ReturnType<SparseStep['read']> {
    if (this.busy) return Promise.reject(new Error('a sparse step is still running: await it first'));
    const parameters = this.problem.readParameters('weights');
    const optimiser = { step: this.steps, m: this.problem.readParameters('m'), v: this.problem.readParameters('v') };
    return Promise.resolve({ parameters, optimiser });
  }

  close(): Promise<void> {
    return this.running.close();
  }

  /** Marks the dead latents for the kernels; returns the weight of the auxiliary loss. */
  private writeDead(dead: Uint8Array | undefined): number {
    const { auxK, dSae, batch } = this.problem.sizes;
    const { deadWanted, coefficient } = this.auxiliary;
    const mask = this.problem.ints('dead', dSae);
    let count = 0;
    for (let feature = 0; feature < dSae; feature++) {
      const isDead = Boolean(dead?.[feature]);
      mask[feature] = isDead ? -1 : 0;
      if (isDead) count += 1;
    }
    const weight = auxK > 0 ? coefficient * Math.min(count / deadWanted, 1) : 0;
    this.problem.fields.set({
      deadCount: count,
      auxK: weight > 0 ? Math.min(auxK, count) : 0,
      auxScale: (2 * weight) / batch,
    });
    return weight;
  }

  private writeRates(learningRate: number): void {
    const { beta1, beta2 } = this.decay;
    this.steps += 1;
    this.problem.fields.set({
      stepSize: learningRate / (1 - beta1 ** this.steps),
      varianceScale: 1 / Math.sqrt(1 - beta2 ** this.steps),
    });
  }

  private result(auxWeight: number): SparseStepResult {
    const { batch, dSae, budget, levelEnds } = this.problem.sizes;
    const offsets = this.problem.ints('offsets', dSae + 1);
    const fired = new Uint8Array(dSae);
    for (let feature = 0; feature < dSae; feature++) fired[feature] = Number(offsets[feature + 1]! > offsets[feature]!);
    const losses = this.problem.floats('sampleLoss', levelEnds.length * batch);
    const ofLevels = levelEnds.map((_, level) => mean(losses.subarray(level * batch, (level + 1) * batch)));
    const smallest = this.problem.fields.get('smallestKept');
    return {
      mse: ofLevels.at(-1)!,
      nestedMse: ofLevels.slice(0, -1),
      auxLoss: auxWeight > 0 ? auxWeight * mean(this.problem.floats('auxSampleLoss', batch)) : 0,
      l0: offsets[dSae]! / batch,
      fired,
      smallestKept: budget > 0 && smallest > 0 ? smallest : null,
    };
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
