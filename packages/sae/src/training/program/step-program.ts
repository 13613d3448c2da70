import * as op from '@monosema/engine';
import type { Program, TracedRecord } from '@monosema/engine';
import { normaliseInput } from '../../architectures/normalise-input.ts';
import type { LossRules } from '../../config/loss-rules.ts';
import type { OptimiserRules } from '../../config/optimiser-rules.ts';
import { outputWidth, type SaeConfig } from '../../config/sae-config.ts';
import { parameterInputs } from '../../parameter-inputs.ts';
import { trainingPass } from '../losses/index.ts';
import type { TrainingPass } from '../losses/loss.ts';
import { adam, stateNames, trainedParameters } from './adam.ts';

export interface StepProgramOptions {
  config: SaeConfig;
  rules: LossRules;
  optimiser: OptimiserRules;
  /** Samples of a step. */
  batch: number;
}

/** What a step is fed, apart from its state. `target` is for transcoders only. */
export function stepInputs({ config, batch }: Pick<StepProgramOptions, 'config' | 'batch'>) {
  const x = op.input('x', [batch, config.dIn]);
  return {
    x,
    target: 'dOut' in config ? op.input('target', [batch, outputWidth(config)]) : x,
    dead: op.input('dead', [config.dSae]),
    coefficient: op.input('coefficient', []),
  };
}

/** Forward pass and losses of a batch, over the inputs of `stepInputs`. */
export function tracePass({ config, rules, batch }: Omit<StepProgramOptions, 'optimiser'>) {
  const parameters = parameterInputs(config);
  const inputs = stepInputs({ config, batch });
  const { x, restore } = normaliseInput(config, inputs.x);
  const pass = trainingPass(config, parameters, { ...inputs, rules, batch, x, raw: inputs.x, restore });
  return { parameters, inputs, pass, loss: Object.values(pass.losses).reduce((a, b) => op.add(a, b)) };
}

/**
 * One training step of any architecture, differentiated. Inputs: those of `stepInputs`, and stepSize and varianceScale
 * of Adam; parameters and moments under `stateNames`, which are outputs as well. Other outputs: every loss as
 * `loss.name`, weighted, and as `raw.name` without its weight; l0 and mse (scalars) and fired [d_sae], not zero where a latent was active.
 */
export function stepProgram(options: StepProgramOptions): Program {
  const { parameters, inputs, pass, loss } = tracePass(options);
  const sizes = { stepSize: op.input('stepSize', []), varianceScale: op.input('varianceScale', []) };
  const { before, after } = adam(trainedParameters(parameters), loss, options.optimiser, sizes);
  const followed: TracedRecord = {};
  for (const [name, next] of Object.entries(pass.state ?? {})) {
    const { weights } = stateNames(name);
    before[weights] = parameters[name as keyof typeof parameters]!;
    followed[weights] = next;
  }
  return {
    inputs: { ...fed(inputs), ...sizes, ...before },
    outputs: { ...measured(pass, options.batch), ...after, ...followed },
  };
}

/** `target` is x itself unless it is an input of its own. */
function fed({ target, ...inputs }: ReturnType<typeof stepInputs>): TracedRecord {
  return target === inputs.x ? inputs : { ...inputs, target };
}

function measured({ codes, losses, unweighted }: TrainingPass, batch: number): TracedRecord {
  const active = op.toFloat(op.greater(codes, 0));
  return {
    ...prefixed('loss.', losses),
    ...prefixed('raw.', unweighted),
    l0: op.mul(op.sum(active), 1 / batch),
    fired: op.max(active, [0]),
  };
}

const prefixed = (prefix: string, values: TracedRecord): TracedRecord =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
