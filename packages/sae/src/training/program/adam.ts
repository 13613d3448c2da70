import * as op from '@monosema/engine';
import type { Traced, TracedRecord } from '@monosema/engine';
import type { TracedParameters } from '../../architectures/architecture.ts';
import type { OptimiserRules } from '../../config/optimiser-rules.ts';

const epsilon = 1e-8;

/** Names of a parameter and of its two moments among the inputs and outputs. */
export const stateNames = (name: string) => ({ weights: `sae.${name}`, m: `m.${name}`, v: `v.${name}` });

export interface StepSizes {
  /** rate / (1 - beta1^t) */
  stepSize: Traced;
  /** 1 / sqrt(1 - beta2^t) */
  varianceScale: Traced;
}

/** The state that a step of Adam (Kingma and Ba 2015) reads, and what it becomes, under `stateNames`. */
export function adam(
  trained: TracedRecord,
  loss: Traced,
  rules: OptimiserRules,
  { stepSize, varianceScale }: StepSizes,
): { before: TracedRecord; after: TracedRecord } {
  const unit = rules.decoderRows === 'unit';
  const raw = op.gradientsOf(loss, trained);
  if (unit) raw['W_dec'] = withoutParallel(raw['W_dec']!, trained['W_dec']!);
  const gradients = rules.clipNorm === null ? raw : clipped(raw, rules.clipNorm);
  const before: TracedRecord = {};
  const after: TracedRecord = {};
  for (const [name, weights] of Object.entries(trained)) {
    const names = stateNames(name);
    const m = op.input(names.m, weights.shape);
    const v = op.input(names.v, weights.shape);
    const gradient = gradients[name]!;
    const nextM = op.add(op.mul(m, rules.beta1), op.mul(gradient, 1 - rules.beta1));
    const nextV = op.add(op.mul(v, rules.beta2), op.mul(op.square(gradient), 1 - rules.beta2));
    const deviation = op.add(op.mul(op.sqrt(nextV), varianceScale), epsilon);
    const next = op.sub(weights, op.div(op.mul(nextM, stepSize), deviation));
    Object.assign(before, { [names.weights]: weights, [names.m]: m, [names.v]: v });
    Object.assign(after, { [names.weights]: project(name, next, unit), [names.m]: nextM, [names.v]: nextV });
  }
  return { before, after };
}

/** Where a parameter may be: unit decoder rows, thresholds not below 0 (a negative one would let negatives through). */
function project(name: string, next: Traced, unit: boolean): Traced {
  if (name === 'W_dec' && unit) return unitRows(next);
  return name === 'threshold' ? op.relu(next) : next;
}

/** All gradients times min(1, norm / their norm), as torch's clip_grad_norm_. */
function clipped(gradients: TracedRecord, norm: number): TracedRecord {
  const squares = Object.values(gradients).map((gradient) => op.sum(op.square(gradient)));
  const total = op.sqrt(squares.reduce((a, b) => op.add(a, b)));
  const ratio = op.div(norm, op.add(total, 1e-6));
  const scale = op.sub(1, op.relu(op.sub(1, ratio)));
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, op.mul(gradient, scale)]));
}

/** The part of each row's gradient that turns the row; `weights` has unit rows. */
const withoutParallel = (gradient: Traced, weights: Traced): Traced =>
  op.sub(gradient, op.mul(op.sum(op.mul(gradient, weights), [1], true), weights));

const unitRows = (weights: Traced): Traced =>
  op.div(weights, op.sqrt(op.maximum(op.sum(op.square(weights), [1], true), 1e-16)));

/** Parameters that Adam moves: all but those that follow the data. */
export const trainedParameters = (p: TracedParameters): TracedRecord =>
  Object.fromEntries(Object.entries(p).filter(([name]) => name !== 'topk_threshold'));
