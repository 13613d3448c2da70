// One training step of an autoencoder, as a program: for the benchmark, and compared with PyTorch in src/torch.test.ts.
import * as op from '../src/index.ts';
import type { Program, Traced, TracedRecord } from '../src/index.ts';

export interface StepShape {
  dIn: number;
  dSae: number;
}

/** {@link adamStep} of a ReLU autoencoder with an L1 penalty of weight `l1`. */
export const trainingStep = ({ l1, ...shape }: StepShape & { l1: number }): Program =>
  adamStep(shape, (pre) => {
    const code = op.relu(pre);
    return { code, penalty: op.mul(op.mean(op.sum(code, [1])), l1) };
  });

/**
 * Adam (Kingma & Ba 2015; betas 0.9 and 0.999) on squared error + penalty; `activate` makes the code [batch, dSae] of the
 * encoder's values.
 * Inputs: x [batch, dIn], rate [] with Adam's bias correction folded in, the parameters p, their moments m.p and v.p.
 * Outputs: loss [], and parameters and moments advanced, under the same names: made to be kept as `state`.
 */
export function adamStep(
  { dIn, dSae }: StepShape,
  activate: (pre: Traced) => { code: Traced; penalty?: Traced },
): Program {
  const x = op.input('x', [op.batch, dIn]);
  const rate = op.input('rate', []);
  const parameters = {
    W_enc: op.input('W_enc', [dIn, dSae]),
    b_enc: op.input('b_enc', [dSae]),
    W_dec: op.input('W_dec', [dSae, dIn]),
    b_dec: op.input('b_dec', [dIn]),
  };
  const { W_enc, b_enc, W_dec, b_dec } = parameters;
  const { code, penalty } = activate(op.add(op.matmul(op.sub(x, b_dec), W_enc), b_enc));
  const error = op.sub(op.add(op.matmul(code, W_dec), b_dec), x); // [batch, dIn]
  const squares = op.mean(op.sum(op.square(error), [1]));
  const loss = penalty ? op.add(squares, penalty) : squares;
  const slopes = op.gradientsOf<TracedRecord>(loss, parameters);

  const inputs: TracedRecord = { ...parameters, x, rate };
  const outputs: TracedRecord = { loss };
  for (const [name, parameter] of Object.entries(parameters)) {
    const slope = slopes[name]!;
    const m = op.input(`m.${name}`, parameter.shape);
    const v = op.input(`v.${name}`, parameter.shape);
    const nextM = op.add(op.mul(m, 0.9), op.mul(slope, 0.1));
    const nextV = op.add(op.mul(v, 0.999), op.mul(op.square(slope), 0.001));
    const move = op.mul(op.div(nextM, op.add(op.sqrt(nextV), 1e-8)), rate);
    Object.assign(inputs, { [`m.${name}`]: m, [`v.${name}`]: v });
    Object.assign(outputs, { [name]: op.sub(parameter, move), [`m.${name}`]: nextM, [`v.${name}`]: nextV });
  }
  return { inputs, outputs };
}

/** Parameters of a program as {@link trainingStep} makes it, with moments 0: `scale` times noise for the matrices. */
export function initialState({ inputs }: Program, scale: number): op.Arrays {
  let seed = 1;
  const noise = () => ((seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5) * 2 * scale;
  const state: op.Arrays = {};
  for (const [name, { shape }] of Object.entries(inputs)) {
    if (name === 'x' || name === 'rate') continue;
    const sizes = shape.map((dim) => op.fixedDim(dim, name));
    const count = sizes.reduce((product, size) => product * size, 1);
    state[name] = { data: Float32Array.from({ length: count }, name.startsWith('W_') ? noise : () => 0), shape: sizes };
  }
  return state;
}
