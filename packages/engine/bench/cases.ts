// What is measured, by name; torch/side.py has the same names.
import type { Engine } from '../src/index.ts';
import { openSparseStep } from '../src/sparse/index.ts';
import { gpt2Decode, gpt2Forward } from './gpt2.ts';
import { noise } from './noise.ts';
import { topKTrainingStep } from './topk-program.ts';
import { initialState, trainingStep } from './training-step.ts';

export interface Case {
  unit: string;
  /** How many of the unit one call of `prepare`'s result does. */
  amount: number;
  /** The case of torch to put beside it, when of another name. */
  torch?: string;
  prepare: (engine: Engine, threads: number) => Promise<() => Promise<unknown>>;
}
const [rows, length] = [8, 128];
type WeightsAs = 'inputs' | 'initialisers';

function forward(until: number | 'logits', weightsAs: WeightsAs): Case['prepare'] {
  return async (engine) => {
    const { program, weights } = gpt2Forward(until);
    const executable = await engine.compile(program, { weights, weightsAs });
    const data = Int32Array.from({ length: rows * length }, (_, i) => (i * 7919) % 50_257);
    return () => executable.run({ ids: { data, shape: [rows, length] } });
  };
}
function decode(batch: number, weightsAs: WeightsAs): Case['prepare'] {
  return async (engine) => {
    const { program, weights, state } = gpt2Decode(batch);
    const executable = await engine.compile(program, { weights, weightsAs, state });
    return () => executable.run({});
  };
}
const sae = { dIn: 512, dSae: 4096, batch: 1024, k: 32 };
function training(program: ReturnType<typeof trainingStep>): Case['prepare'] {
  return async (engine) => {
    const executable = await engine.compile(program, { state: initialState(program, 1 / Math.sqrt(sae.dIn)) });
    const feeds = { x: noise([sae.batch, sae.dIn]), rate: { data: Float32Array.of(1e-4), shape: [] } };
    return () => executable.run(feeds);
  };
}
const sparseTopK: Case['prepare'] = async (_, threads) => {
  const { dIn, dSae, k, batch } = sae;
  const parameters = {
    W_enc: noise([dIn * dSae], dIn ** -0.5).data,
    b_enc: new Float32Array(dSae),
    W_dec: noise([dIn * dSae], dIn ** -0.5).data,
    b_dec: new Float32Array(dIn),
  };
  const step = await openSparseStep({ dIn, dSae, k, batch, threads, parameters });
  const x = noise([batch * dIn]).data;
  return () => step.step(x, { learningRate: 1e-4 });
};

const tokens = { unit: 'tokens/s', amount: rows * length };
const steps = { unit: 'steps/s', amount: 1 };
export const cases: Record<string, Case> = {
  'GPT-2 small, 8 x 128, to layer 8': { ...tokens, prepare: forward(8, 'initialisers') },
  'to layer 8, weights as inputs': {
    ...tokens,
    torch: 'GPT-2 small, 8 x 128, to layer 8',
    prepare: forward(8, 'inputs'),
  },
  'GPT-2 small, 8 x 128, logits': { ...tokens, prepare: forward('logits', 'initialisers') },
  'logits, weights as inputs': {
    ...tokens,
    torch: 'GPT-2 small, 8 x 128, logits',
    prepare: forward('logits', 'inputs'),
  },
  'decode, batch 1': { unit: 'tokens/s', amount: 1, prepare: decode(1, 'initialisers') },
  'decode, batch 1, weights as inputs': {
    unit: 'tokens/s',
    amount: 1,
    torch: 'decode, batch 1',
    prepare: decode(1, 'inputs'),
  },
  'decode, batch 8': { unit: 'tokens/s', amount: 8, prepare: decode(8, 'initialisers') },
  'decode, batch 8, weights as inputs': {
    unit: 'tokens/s',
    amount: 8,
    torch: 'decode, batch 8',
    prepare: decode(8, 'inputs'),
  },
  'ReLU step 512/4096/1024': { ...steps, prepare: training(trainingStep({ ...sae, l1: 1e-3 })) },
  'TopK step 512/4096/1024, k 32': { ...steps, prepare: training(topKTrainingStep(sae)) },
  'TopK step, sparse kernels': { ...steps, torch: 'TopK step 512/4096/1024, k 32', prepare: sparseTopK },
};
