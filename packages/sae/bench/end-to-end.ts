// A whole training run on the bundled model, and where its time goes.
import { trainingRequestSchema } from '@monosema/catalog';
import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { trainSae } from '../src/training/index.ts';

const [steps, batchTokens, contextSize] = [150, 2048, 128];
const kinds = {
  'topk, k 16': { architecture: 'topk', k: 16 },
  'batchtopk, k 16': { architecture: 'batchtopk', k: 16 },
  'matryoshka_batchtopk, k 16': { architecture: 'matryoshka_batchtopk', k: 16, widths: [128, 256, 512, 1024] },
  'standard, L1': { architecture: 'standard', l1Coefficient: 1 },
} as const;

/**
 * Training of SAEs of the bundled model, 64 -> 1024: tokens per second from the first step to the last, and the shares of
 * the model's forward pass and of the training step. Every token is forwarded once.
 */
export async function endToEnd(threads: number): Promise<Record<string, Record<string, string>>> {
  const spent = { forward: 0, step: 0 };
  const engine = timed(await openEngine({ engine: 'onnx-cpu', threads }), spent);
  const model = await loadModel('stories-260k');
  const dataSet = await openDataSet('tinystories');
  const texts = (split: 'train' | 'heldOut', count: number) =>
    tokenContexts(model.tokenizer, dataSet.documents(split), contextSize).slice(0, count);
  const trainContexts = texts('train', Math.ceil((1.05 * steps * batchTokens) / contextSize));
  const heldOutContexts = texts('heldOut', 16);
  const table: Record<string, Record<string, string>> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const request = trainingRequestSchema.parse({
      ...{ modelId: model.id, dataSetId: 'tinystories', sourceId: '2-res-x', hookPoint: 'blocks.2.hook_resid_post' },
      ...{ dSae: 1024, learningRate: 1e-3, batchTokens, contextSize, trainingTokens: steps * batchTokens, ...kind },
    });
    spent.forward = spent.step = 0;
    const begun = performance.now();
    let ended = begun;
    for await (const event of trainSae({ request, model, engine, threads, trainContexts, heldOutContexts })) {
      if (event.kind !== 'metrics') continue;
      ended = performance.now();
      if (event.metrics.step === steps) break;
    }
    const total = ended - begun;
    const share = (ms: number) => `${((100 * ms) / total).toFixed(0)} %`;
    table[name] = {
      'tokens/s': ((1000 * steps * batchTokens) / total).toFixed(0),
      'model forward': share(spent.forward),
      ...(spent.step > 0
        ? { 'training step': share(spent.step), rest: share(total - spent.forward - spent.step) }
        : { 'training step and rest': share(total - spent.forward) }),
    };
  }
  await engine.close();
  return table;
}

/** An engine that counts the time in its programs: those with state are training steps, the others the model. */
function timed(engine: Engine, spent: { forward: number; step: number }): Engine {
  const compile: Engine['compile'] = async (program, options) => {
    const executable = await engine.compile(program, options);
    const part = options?.state ? 'step' : 'forward';
    const run: typeof executable.run = async (feeds) => {
      const begun = performance.now();
      try {
        return await executable.run(feeds);
      } finally {
        spent[part] += performance.now() - begun;
      }
    };
    return new Proxy(executable, { get: (target, key) => (key === 'run' ? run : bound(target, key)) });
  };
  return new Proxy(engine, { get: (target, key) => (key === 'compile' ? compile : bound(target, key)) });
}

/** A property of the thing itself; its methods need it as `this`. */
function bound<T extends object>(target: T, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
}
