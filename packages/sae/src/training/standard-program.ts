import * as op from '@monosema/engine';
import type { Program, Traced, TracedRecord } from '@monosema/engine';
import { decodeTraced, encodeTraced, type TracedParameters } from '../architectures.ts';
import type { SaeConfig } from '../config.ts';
import { parameterInputs } from '../encode.ts';
import { parameterNames } from '../sae.ts';

export const beta1 = 0.9;
export const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * One training step of a ReLU + L1 SAE, differentiated: mean |x_hat - x|² + l1 * mean sum f, decoder rows kept at unit
 * norm (the gradient along a row is removed before Adam). Inputs besides x [batch, d_in]: l1; stepSize = rate / (1 - 0.9^t);
 * varianceScale = 1 / sqrt(1 - 0.999^t); parameters p with moments m.p and v.p, which are outputs as well.
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
  const outputs: TracedRecord = { mse, sparsityLoss, l0: op.mul(op.sum(active), 1 / batch), fired: op.max(active, [0]) };
  const inputs: TracedRecord = { x, l1, stepSize, varianceScale };
  addAdam(inputs, outputs, parameters, op.add(mse, sparsityLoss), stepSize, varianceScale);
  return { inputs, outputs };
}

function addAdam(inputs: TracedRecord, outputs: TracedRecord, parameters: TracedParameters, loss: Traced, stepSize: Traced, varianceScale: Traced): void {
  const gradients = op.gradientsOf(loss, parameters);
  for (const name of parameterNames) {
    const weights = parameters[name];
    const gradient = name === 'W_dec' ? withoutParallel(gradients[name], weights) : gradients[name];
    const m = op.input(`m.${name}`, weights.shape);
    const v = op.input(`v.${name}`, weights.shape);
    const nextM = op.add(op.mul(m, beta1), op.mul(gradient, 1 - beta1));
    const nextV = op.add(op.mul(v, beta2), op.mul(op.square(gradient), 1 - beta2));
    const deviation = op.add(op.mul(op.sqrt(nextV), varianceScale), epsilon);
    const next = op.sub(weights, op.div(op.mul(nextM, stepSize), deviation));
    Object.assign(inputs, { [name]: weights, [`m.${name}`]: m, [`v.${name}`]: v });
    Object.assign(outputs, { [name]: name === 'W_dec' ? unitRows(next) : next, [`m.${name}`]: nextM, [`v.${name}`]: nextV });
  }
}

/** The part of each row's gradient that turns the row; `weights` has unit rows. */
const withoutParallel = (gradient: Traced, weights: Traced): Traced =>
  op.sub(gradient, op.mul(op.sum(op.mul(gradient, weights), [1], true), weights));

const unitRows = (weights: Traced): Traced => op.div(weights, op.sqrt(op.sum(op.square(weights), [1], true)));
