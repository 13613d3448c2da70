// `npx tsx packages/sae/bench/train.ts [k ...]`: trains the first run's SAE and prints what it came to and how long it took.
// Options: --steps 1500 --rate 4e-3 --width 1024 --l1 <coefficient> (ReLU + L1 instead of TopK).
import { parseArgs } from 'node:util';
import { trainingRequestSchema } from '@monosema/catalog';
import { openEngine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { trainSae } from '../src/training/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '1500' },
    rate: { type: 'string', default: '4e-3' },
    width: { type: 'string', default: '1024' },
    seed: { type: 'string', default: '42' },
    l1: { type: 'string' },
  },
});
/** Seconds on the wall, and seconds of all cores: the latter says more on a busy machine. */
const now = () => {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cores: (user + system) / 1e6 };
};
const elapsed = (from: ReturnType<typeof now>, to: ReturnType<typeof now>): string =>
  `${(to.wall - from.wall).toFixed(1)} s (${(to.cores - from.cores).toFixed(1)} core seconds)`;

const contextSize = 128;
const engine = await openEngine();
const model = await loadModel('stories-260k');
const dataSet = await openDataSet('tinystories');
const trainContexts = tokenContexts(model.tokenizer, dataSet.documents('train'), contextSize);
const heldOutContexts = tokenContexts(model.tokenizer, dataSet.documents('heldOut'), contextSize);
console.log(
  `${engine.description}; ${trainContexts.length * contextSize} training tokens, ${heldOutContexts.length * contextSize} held out`,
);
for (const k of values.l1 ? [0] : positionals.length > 0 ? positionals.map(Number) : [8, 16]) {
  const request = trainingRequestSchema.parse({
    ...{ modelId: model.id, dataSetId: 'tinystories', sourceId: '2-res-tk', hookPoint: 'blocks.2.hook_resid_post' },
    ...(values.l1 ? { architecture: 'standard', l1Coefficient: Number(values.l1) } : { architecture: 'topk', k }),
    ...{
      dSae: Number(values.width),
      learningRate: Number(values.rate),
      trainingTokens: 2048 * Number(values.steps),
      seed: Number(values.seed),
    },
  });
  const start = now();
  let trained = start;
  for await (const event of trainSae({ request, model, engine, trainContexts, heldOutContexts })) {
    if (event.kind === 'metrics') trained = now();
    if (event.kind === 'metrics' && event.metrics.step % 300 === 0) console.log(JSON.stringify(event.metrics));
    if (event.kind === 'evaluation') {
      const { explainedVariance, ceLossScore, deadFraction, l0, mse, ceLossClean } = event.evaluation;
      console.log(
        `${values.l1 ? `l1 ${values.l1}` : `k ${k}`}: explained variance ${explainedVariance.toFixed(4)}, CE score ${ceLossScore?.toFixed(4)}, dead ${(100 * deadFraction).toFixed(2)} %, L0 ${l0.toFixed(2)}, MSE ${mse.toFixed(4)}, clean loss ${ceLossClean?.toFixed(4)}`,
      );
    }
  }
  const end = now();
  console.log(`training ${elapsed(start, trained)}, evaluation ${elapsed(trained, end)}`);
}
await engine.close();
