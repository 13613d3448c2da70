// A transformer of the shape of GPT-2 small, with random weights: whole texts, and token by token with a cache.
import * as op from '../src/index.ts';
import type { Program, Traced, TracedRecord } from '../src/index.ts';
import { noise } from './noise.ts';

const [width, heads, layers, hidden, vocabulary, context] = [768, 12, 12, 3072, 50_257, 128];
const headWidth = width / heads;

/** Mixes the values of a layer: q, k, v [batch, length, width] -> [batch, length, width]. */
type Attend = (layer: number, q: Traced, k: Traced, v: Traced) => Traced;

class Gpt2 {
  readonly inputs: TracedRecord = {};
  readonly weights: op.Arrays = {};

  private weight(name: string, ...shape: number[]): Traced {
    this.weights[name] ??= noise(shape, name.endsWith('gain') ? 1 : 0.02);
    return (this.inputs[name] ??= op.input(name, shape));
  }
  private linear(name: string, x: Traced, from: number, to: number): Traced {
    return op.add(op.matmul(x, this.weight(`${name}.W`, from, to)), this.weight(`${name}.b`, to));
  }
  private norm(name: string, x: Traced): Traced {
    return op.layerNorm(x, this.weight(`${name}.gain`, width), this.weight(`${name}.b`, width));
  }

  /** ids and positions [batch, length] or [length] -> [batch, length, width] */
  embed(ids: Traced, positions: Traced): Traced {
    const embedding = op.gatherRows(this.weight('embed', vocabulary, width), ids);
    return op.add(embedding, op.gatherRows(this.weight('positions', context, width), positions));
  }
  block(layer: number, residual: Traced, attend: Attend): Traced {
    const x = this.norm(`${layer}.ln1`, residual);
    const [q, k, v] = ['q', 'k', 'v'].map((part) => this.linear(`${layer}.${part}`, x, width, width));
    const middle = op.add(residual, this.linear(`${layer}.o`, attend(layer, q!, k!, v!), width, width));
    const inner = this.linear(`${layer}.in`, this.norm(`${layer}.ln2`, middle), width, hidden);
    return op.add(middle, this.linear(`${layer}.out`, op.geluTanh(inner), hidden, width));
  }
  logits(residual: Traced): Traced {
    return op.matmul(this.norm('final', residual), this.weight('embed', vocabulary, width), { transposeB: true });
  }
}

export interface Gpt2Program {
  program: Program;
  weights: op.Arrays;
}

/** ids [batch, 128] -> the residual stream before `layer`, or logits [batch, 128, vocabulary]. */
export function gpt2Forward(until: number | 'logits'): Gpt2Program {
  const model = new Gpt2();
  const ids = op.input('ids', [op.batch, context], 'int');
  const positions = op.constant(
    Int32Array.from({ length: context }, (_, i) => i),
    [context],
  );
  let residual = model.embed(ids, positions);
  for (let layer = 0; layer < (until === 'logits' ? layers : until); layer++) {
    residual = model.block(layer, residual, (_, q, k, v) => op.attention(q, k, v, heads));
  }
  const output = until === 'logits' ? model.logits(residual) : residual;
  return { program: { inputs: { ...model.inputs, ids }, outputs: { output } }, weights: model.weights };
}

/** One token per row, the likeliest after the last; ids, position and caches are state. */
export function gpt2Decode(batch: number): Gpt2Program & { state: op.Arrays } {
  const model = new Gpt2();
  const [ids, position] = [op.input('ids', [batch, 1], 'int'), op.input('position', [1], 'int')];
  const inputs: TracedRecord = { ids, position };
  const outputs: TracedRecord = {};
  const state: op.Arrays = {
    ids: { data: new Int32Array(batch), shape: [batch, 1] },
    position: { data: new Int32Array(1), shape: [1] },
  };
  const cache = (name: string) => {
    const shape = [batch, heads, context, headWidth];
    state[name] = noise(shape, 0);
    return (inputs[name] = op.input(name, shape));
  };
  let residual = model.embed(ids, position);
  for (let layer = 0; layer < layers; layer++) {
    residual = model.block(layer, residual, (_, q, k, v) => {
      const [keys, values] = [`keys${layer}`, `values${layer}`];
      const step = op.cachedAttention(q, k, v, cache(keys), cache(values), position, heads);
      Object.assign(outputs, { [keys]: step.keys, [values]: step.values });
      return step.mixed;
    });
  }
  const next = op.argMax(model.logits(residual));
  // Round and round in the context: the work of a step depends on where it is.
  const isLast = op.equal(position, context - 1);
  const zero = op.constant(Int32Array.of(0), [1]);
  Object.assign(outputs, { ids: next, position: op.where(isLast, zero, op.add(position, 1)), next });
  return { program: { inputs: { ...model.inputs, ...inputs }, outputs }, weights: model.weights, state };
}
