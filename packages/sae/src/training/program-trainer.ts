import type { Arrays, Engine } from '@monosema/engine';
import { outputWidth, type SaeConfig } from '../config/sae-config.ts';
import { mapParameters, parameterShapes, type ParameterName, type SaeParameters } from '../sae.ts';
import { stateNames } from './program/adam.ts';
import { stepProgram, type StepProgramOptions } from './program/step-program.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { Trainer } from './trainer.ts';

export interface ProgramTrainerOptions extends StepProgramOptions {
  engine: Engine;
  parameters: SaeParameters;
  /** To go on from an earlier `read()`. */
  state?: OptimiserState;
}

/** Any architecture as one differentiated program, whose parameters and moments stay with the engine. */
export async function openProgramTrainer(options: ProgramTrainerOptions): Promise<Trainer> {
  const { engine, config, batch, optimiser, parameters, state } = options;
  let steps = state?.step ?? 0;
  const program = stepProgram(options);
  const executable = await engine.compile(program, { state: stateArrays(config, parameters, state) });
  const used = new Set(Object.keys(program.inputs));
  return {
    async step(x, { learningRate, coefficient, dead, target }) {
      steps += 1;
      const feeds: Arrays = {
        x: { data: x, shape: [batch, config.dIn] },
        target: { data: target ?? x, shape: [batch, outputWidth(config)] },
        dead: { data: Float32Array.from(dead), shape: [config.dSae] },
        coefficient: scalar(coefficient),
        stepSize: scalar(learningRate / (1 - optimiser.beta1 ** steps)),
        varianceScale: scalar(1 / Math.sqrt(1 - optimiser.beta2 ** steps)),
      };
      const out = await executable.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))));
      return {
        mse: out['loss.mse']?.data[0] ?? NaN,
        parts: scalars(out, 'loss.'),
        raw: scalars(out, 'raw.'),
        l0: out['l0']?.data[0] ?? NaN,
        fired: out['fired']?.data ?? [],
      };
    },
    async read() {
      const arrays = await executable.readState();
      const optimiserState = { step: steps, m: fromState(config, arrays, 'm'), v: fromState(config, arrays, 'v') };
      return { parameters: fromState(config, arrays, 'weights'), optimiser: optimiserState };
    },
    close: () => executable.dispose(),
  };
}

/** Scalars by what stands behind the prefix; the mse has a place of its own. */
function scalars(out: Arrays, prefix: string): Record<string, number> {
  const parts = Object.entries(out).filter(([name]) => name.startsWith(prefix) && name !== 'loss.mse');
  return Object.fromEntries(parts.map(([name, { data }]) => [name.slice(prefix.length), data[0] ?? NaN]));
}

const scalar = (value: number) => ({ data: Float32Array.of(value), shape: [] });

/** Parameters and moments by the program's names. What follows the data has no moments. */
function stateArrays(config: SaeConfig, parameters: SaeParameters, state: OptimiserState | undefined): Arrays {
  const arrays: Arrays = {};
  for (const [key, shape] of Object.entries(parameterShapes(config))) {
    const name = key as ParameterName;
    const data = parameters[name];
    if (!data) throw new RangeError(`the start of a ${config.architecture} SAE lacks ${name}`);
    const names = stateNames(name);
    arrays[names.weights] = { data, shape };
    if (name === 'topk_threshold') continue;
    arrays[names.m] = { data: state?.m[name] ?? new Float32Array(data.length), shape };
    arrays[names.v] = { data: state?.v[name] ?? new Float32Array(data.length), shape };
  }
  return arrays;
}

function fromState(config: SaeConfig, state: Arrays, part: 'weights' | 'm' | 'v'): SaeParameters {
  return mapParameters(config, (name, shape) => {
    const data = state[stateNames(name)[part]]?.data;
    if (data instanceof Float32Array) return data;
    if (name === 'topk_threshold') return new Float32Array(shape.reduce((a, b) => a * b, 1));
    throw new Error(`the trainer has no ${part} of ${name}`);
  });
}
