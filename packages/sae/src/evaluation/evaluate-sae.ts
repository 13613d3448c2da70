import type { Evaluation } from '@monosema/catalog';
import type { ArrayValue, Engine, Executable } from '@monosema/engine';
import { hookPointNamed, type Model } from '@monosema/model';
import { checkContexts, concatContexts } from '../contexts.ts';
import { parameterArrays } from '../parameter-inputs.ts';
import type { Sae } from '../sae.ts';
import { outputWidth } from '../config/sae-config.ts';
import { evaluationProgram, splicePoint } from './evaluation-program.ts';
import { EvaluationSums } from './evaluation-sums.ts';

/** A chunk holds at most this many dense codes or logits. */
const CHUNK_NUMBERS = 1 << 23;

export interface EvaluationOptions {
  engine: Engine;
  model: Model;
  sae: Sae;
  /** Rows of token ids of one length; text that the SAE was not trained on. */
  contexts: Int32Array[];
  signal?: AbortSignal;
}

/**
 * Measures an SAE on text. Tokens that the SAE's contract excludes (BOS among them) don't count. With x the hook point's
 * value and x_hat its reconstruction, over all counted tokens together:
 * L0 = mean number of active latents; MSE = mean |x - x_hat|²; explained variance = 1 - Σ|x - x_hat|² / Σ|x - mean x|²;
 * CE-loss score = (ablated - spliced) / (ablated - clean), the losses of the next token with the hook point at counted
 * tokens zeroed, replaced by x_hat, and untouched; dead = latents that never fired. Definitions of SAELens's evals
 * (v6.45 on), float64 sums; but SAELens zeroes BOS as well, which is `ceLossScoreEverywhere`: by that baseline an SAE
 * that reconstructs nothing need not score 0.
 *
 * @throws Error when SAE, model and contexts don't belong together; the signal's reason on abort
 * @example const { explainedVariance, l0 } = await evaluateSae({ engine, model, sae, contexts: heldOut })
 */
export async function evaluateSae({ engine, model, sae, contexts, signal }: EvaluationOptions): Promise<Evaluation> {
  const { config } = sae;
  const length = contexts[0]?.length ?? config.contract.contextSize;
  checkContract(model, sae);
  checkContexts('contexts', contexts, length, model.config.vocabularySize);
  const excluded = new Set(config.contract.excludedTokens);
  const program = evaluationProgram(model, config, length);
  const executable = await engine.compile(program, { weights: { ...model.weights, ...parameterArrays(sae) } });
  try {
    const sums = new EvaluationSums(length, outputWidth(config), config.dSae);
    const perToken = Math.max(config.dSae, model.config.vocabularySize);
    const perChunk = Math.max(1, Math.floor(CHUNK_NUMBERS / perToken / length));
    for (let start = 0; start < contexts.length; start += perChunk) {
      signal?.throwIfAborted();
      await addChunk(executable, sums, contexts.slice(start, start + perChunk), length, excluded);
    }
    return sums.finish();
  } finally {
    await executable.dispose();
  }
}

function checkContract(model: Model, { config }: Sae): void {
  const { contract } = config;
  if (contract.modelId !== model.id) throw new Error(`the SAE is for model ${contract.modelId}, not ${model.id}`);
  checkWidth(model, contract.hookPoint, 'd_in', config.dIn);
  checkWidth(model, splicePoint(config), 'd_out', outputWidth(config));
}

function checkWidth(model: Model, hookPoint: string, name: string, expected: number): void {
  const { width } = hookPointNamed(model, hookPoint);
  if (width !== expected) throw new Error(`${name} is ${expected}, but ${hookPoint} of ${model.id} has width ${width}`);
}

async function addChunk(
  executable: Executable,
  sums: EvaluationSums,
  contexts: readonly Int32Array[],
  length: number,
  excluded: ReadonlySet<number>,
): Promise<void> {
  const ids = concatContexts(contexts);
  const keep = Float32Array.from(ids, (id) => Number(!excluded.has(id)));
  const shape = [contexts.length, length];
  const outputs = await executable.run({ ids: { data: ids, shape }, keep: { data: keep, shape } });
  const read = (name: string): ArrayValue['data'] => {
    const output = outputs[name];
    if (!output) throw new Error(`the evaluation gave no ${name}`);
    return output.data;
  };
  sums.add({
    keep,
    x: read('x'),
    squaredError: read('squaredError'),
    active: read('active'),
    fired: read('fired'),
    clean: read('clean'),
    spliced: read('spliced'),
    ablated: read('ablated'),
    ablatedEverywhere: read('ablatedEverywhere'),
  });
}
