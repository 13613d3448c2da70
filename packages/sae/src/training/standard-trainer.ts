import type { Arrays, Engine } from '@monosema/engine';
import type { AdamState } from '@monosema/engine/sparse';
import type { SaeConfig } from '../config.ts';
import { parameterNames, parameterShapes, type ParameterName, type SaeParameters } from '../sae.ts';
import { beta1, beta2, standardProgram, stateNames } from './standard-program.ts';
import type { Trainer } from './trainer.ts';

/** ReLU + L1 as one differentiated program, whose parameters and moments stay with the engine. */
export async function openStandardTrainer(
  engine: Engine,
  config: SaeConfig,
  batch: number,
  parameters: SaeParameters,
  optimiser: AdamState | undefined,
): Promise<Trainer> {
  let steps = optimiser?.step ?? 0;
  const executable = await engine.compile(standardProgram(config, batch), {
    state: stateArrays(config, parameters, optimiser),
  });
  return {
    async step(x, { learningRate, l1Coefficient }) {
      steps += 1;
      const out = await executable.run({
        x: { data: x, shape: [batch, config.dIn] },
        l1: scalar(l1Coefficient),
        stepSize: scalar(learningRate / (1 - beta1 ** steps)),
        varianceScale: scalar(1 / Math.sqrt(1 - beta2 ** steps)),
      });
      const number = (name: string): number => out[name]?.data[0] ?? NaN;
      return {
        mse: number('mse'),
        sparsityLoss: number('sparsityLoss'),
        l0: number('l0'),
        fired: out.fired?.data ?? [],
      };
    },
    async read() {
      const state = await executable.readState();
      return {
        parameters: fromState(state, 'weights'),
        optimiser: { step: steps, m: fromState(state, 'm'), v: fromState(state, 'v') },
      };
    },
    close: () => executable.dispose(),
  };
}

const scalar = (value: number) => ({ data: Float32Array.of(value), shape: [] });

function stateArrays(config: SaeConfig, parameters: SaeParameters, optimiser: AdamState | undefined): Arrays {
  const shapes = parameterShapes(config);
  const state: Arrays = {};
  for (const name of parameterNames) {
    const names = stateNames(name);
    const shape = shapes[name];
    const zeros = (): Float32Array => new Float32Array(parameters[name].length);
    state[names.weights] = { data: parameters[name], shape };
    state[names.m] = { data: optimiser?.m[name] ?? zeros(), shape };
    state[names.v] = { data: optimiser?.v[name] ?? zeros(), shape };
  }
  return state;
}

function fromState(state: Arrays, part: 'weights' | 'm' | 'v'): SaeParameters {
  const read = (name: ParameterName): Float32Array => {
    const data = state[stateNames(name)[part]]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`the trainer has no ${part} of ${name}`);
    return data;
  };
  return { W_enc: read('W_enc'), b_enc: read('b_enc'), W_dec: read('W_dec'), b_dec: read('b_dec') };
}
