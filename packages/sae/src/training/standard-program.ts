import * as op from '@monosema/engine';
import type { Program, Traced, TracedRecord } from '@monosema/engine';
import { decodeTraced, encodeTraced, type TracedParameters } from '../architectures.ts';
import type { SaeConfig } from '../config.ts';
import { parameterInputs } from '../parameter-inputs.ts';
import { parameterNames, type ParameterName } from '../sae.ts';

export const beta1 = 0.9;
export const beta2 = 0.999;
const epsilon = 1e-8;

/** Names of a parameter and of its two moments among the inputs and outputs. */
export const stateNames = (name: ParameterName) => ({ weights: `sae.${name}`, m: `m.${name}`, v: `v.${name}` });

/**
 * One training step of a ReLU + L1 SAE, differentiated: mean |x_hat - x|² + l1 * mean sum f, decoder rows kept at unit
 * norm (the gradient along a row is removed before Adam). Inputs besides x [batch, d_in]: l1; stepSize = rate / (1 - 0.9^t);
 * varianceScale = 1 / sqrt(1 - 0.999^t); parameters and moments under `stateNames`, which are outputs as well.
 * Other outputs: mse, sparsityLoss, l0 (scalars) and fired [d_sae].
 */
export function standardProgram(config: SaeConfig, batch: number): Program {
  const x = op.input('x', [batch, config.dIn]);
  const l1 = op.input('l1', []);
  const stepSize = op.input('stepSize', []);
  const varianceScale = op.input('varianceScale', []);
  const parameters = parameterInputs(config);
  const codes = encodeTraced(config, parameters, x); // [batch, dSae]
  const mse = op.mul(op.sum(op.square(op.sub(decodeTraced(parameters, codes), x))), 1 / batch);
  const sparsityLoss = op.mul(op.mul(op.sum(codes), 1 / batch), l1);
  const active = op.toFloat(op.greater(codes, 0));
  const measured = { mse, sparsityLoss, l0: op.mul(op.sum(active), 1 / batch), fired: op.max(active, [0]) };
  const { before, after } = adam(parameters, op.add(mse, sparsityLoss), stepSize, varianceScale);
  return { inputs: { x, l1, stepSize, varianceScale, ...before }, outputs: { ...measured, ...after } };
}

/** The state that a step of Adam reads, and what it becomes. */
function adam(parameters: TracedParameters, loss: Traced, stepSize: Traced, varianceScale: Traced) {
  const gradients = op.gradientsOf(loss, parameters);
  const before: TracedRecord = {};
  const after: TracedRecord = {};
  for (const name of parameterNames) {
    const weights = parameters[name];
    const names = stateNames(name);
    const m = op.input(names.m, weights.shape);
    const v = op.input(names.v, weights.shape);
    const gradient = name === 'W_dec' ? withoutParallel(gradients[name], weights) : gradients[name];
    const nextM = op.add(op.mul(m, beta1), op.mul(gradient, 1 - beta1));
    const nextV = op.add(op.mul(v, beta2), op.mul(op.square(gradient), 1 - beta2));
    const deviation = op.add(op.mul(op.sqrt(nextV), varianceScale), epsilon);
    const next = op.sub(weights, op.div(op.mul(nextM, stepSize), deviation));
    Object.assign(before, { [names.weights]: weights, [names.m]: m, [names.v]: v });
    Object.assign(after, {
      [names.weights]: name === 'W_dec' ? unitRows(next) : next,
      [names.m]: nextM,
      [names.v]: nextV,
    });
  }
  return { before, after };
}

/** The part of each row's gradient that turns the row; `weights` has unit rows. */
const withoutParallel = (gradient: Traced, weights: Traced): Traced =>
  op.sub(gradient, op.mul(op.sum(op.mul(gradient, weights), [1], true), weights));

const unitRows = (weights: Traced): Traced => op.div(weights, op.sqrt(op.sum(op.square(weights), [1], true)));
