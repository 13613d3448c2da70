import { availableParallelism } from 'node:os';
import { checkOptions } from './check-options.ts';
import { ProblemMemory } from './problem-memory.ts';
import { StepThreads } from './step-threads.ts';
import type { EncoderKind, TopKStep, TopKStepOptions, TopKStepResult } from './types.ts';

/** Adam's decay rates; the kernels hold the same. */
const BETA_1 = 0.9;
const BETA_2 = 0.999;

/**
 * Opens the training step of a TopK SAE: f = TopK(ReLU((x - b_dec) W_enc + b_enc)), x_hat = f W_dec + b_dec,
 * loss = mean over samples of |x_hat - x|² + auxiliary loss, Adam on all parameters, decoder rows of unit norm
 * (the gradient along a row is removed first). Only the encoder's product is dense; the rest touches batch * k rows.
 *
 * The auxiliary loss is SAELens's: coefficient * min(dead / (d_in / 2), 1) * mean |sum of the auxK best dead latents'
 * rows - residual|², the residual a constant, no bias (Gao et al. 2024; SAELens v6.36.2).
 *
 * @throws RangeError when a size or an array's length is wrong, naming it
 * @example
 * const step = await openTopKStep({ dIn: 64, dSae: 1024, k: 8, batch: 2048, parameters });
 * const { mse, l0 } = await step.step(x, { learningRate: 1e-3 });
 * const { parameters: trained } = await step.read();
 * await step.close();
 */
export async function openTopKStep(options: TopKStepOptions): Promise<TopKStep> {
  checkOptions(options);
  const { dIn, dSae, k, batch, parameters, optimiser } = options;
  const threads = options.threads ?? availableParallelism();
  const encoder = options.encoder ?? fasterEncoder(dIn);
  const auxK = options.auxK ?? Math.min(Math.max(1, Math.floor(dIn / 2)), dSae);
  const problem = new ProblemMemory({ dIn, dSae, k, batch, auxK, threads, encoded: encoder === 'onnx' });
  problem.writeParameters('weights', parameters);
  if (optimiser) problem.writeOptimiser(optimiser);
  const running = await StepThreads.start(problem);
  return new WasmTopKStep(problem, running, encoder, options.auxCoefficient ?? 1 / 32, optimiser?.step ?? 0);
}

/** ONNX Runtime multiplies faster, but handing the product over costs more than a small product: see bench/. */
function fasterEncoder(dIn: number): EncoderKind {
  return dIn <= 96 ? 'wasm' : 'onnx';
}

class WasmTopKStep implements TopKStep {
  private busy = false;

  constructor(
    private readonly problem: ProblemMemory,
    private readonly running: StepThreads,
    readonly encoder: EncoderKind,
    private readonly auxCoefficient: number,
    private steps: number,
  ) {}

  get threads(): number {
    return this.problem.sizes.threads;
  }

  async step(
    x: Float32Array,
    { learningRate, dead }: { learningRate: number; dead?: Uint8Array },
  ): Promise<TopKStepResult> {
    const { batch, dIn, dSae } = this.problem.sizes;
    if (this.busy) throw new Error('a TopK step is still running: await it first');
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

  read(): ReturnType<TopKStep['read']> {
    if (this.busy) return Promise.reject(new Error('a TopK step is still running: await it first'));
    const parameters = this.problem.readParameters('weights');
    const optimiser = { step: this.steps, m: this.problem.readParameters('m'), v: this.problem.readParameters('v') };
    return Promise.resolve({ parameters, optimiser });
  }

  close(): Promise<void> {
    return this.running.close();
  }

  /** Lists the dead latents for the kernels; returns the weight of the auxiliary loss. */
  private writeDead(dead: Uint8Array | undefined): number {
    const { sizes } = this.problem;
    const list = this.problem.ints('dead', sizes.dSae);
    let count = 0;
    if (dead && sizes.auxK > 0)
      for (let feature = 0; feature < dead.length; feature++) if (dead[feature]) list[count++] = feature;
    const weight = sizes.auxK > 0 ? this.auxCoefficient * Math.min(count / sizes.auxK, 1) : 0;
    this.problem.set({ deadCount: count, auxK: Math.min(sizes.auxK, count), auxScale: (2 * weight) / sizes.batch });
    return weight;
  }

  private writeRates(learningRate: number): void {
    this.steps += 1;
    this.problem.set({
      stepSize: learningRate / (1 - BETA_1 ** this.steps),
      varianceScale: 1 / Math.sqrt(1 - BETA_2 ** this.steps),
    });
  }

  private result(auxWeight: number): TopKStepResult {
    const { batch, dSae } = this.problem.sizes;
    const offsets = this.problem.ints('offsets', dSae + 1);
    const fired = new Uint8Array(dSae);
    for (let feature = 0; feature < dSae; feature++) fired[feature] = Number(offsets[feature + 1]! > offsets[feature]!);
    return {
      mse: mean(this.problem.floats('sampleLoss', batch)),
      auxLoss: auxWeight > 0 ? auxWeight * mean(this.problem.floats('auxSampleLoss', batch)) : 0,
      l0: offsets[dSae]! / batch,
      fired,
    };
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
