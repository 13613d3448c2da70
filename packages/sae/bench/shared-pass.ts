// `npx tsx packages/sae/bench/shared-pass.ts [SAEs]`: core seconds of training several TopK SAEs of the bundled model together,
// one after the other, and from activations on disk. Cores, not the clock: it says the same on a busy machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import {
  cacheActivations,
  openCachedActivations,
  sweepRuns,
  trainSaes,
  type SaeRun,
  type TrainingConduct,
  type TrainingData,
} from '../src/training/index.ts';

const count = Number(process.argv[2] ?? 4);
const trainingTokens = 192 * 1024;
const hookPoint = 'blocks.4.hook_resid_post';
const engine = await openEngine();
const model = await loadModel('stories-260k');
const dataSet = await openDataSet('tinystories');
const contexts = (split: 'train' | 'heldOut') => tokenContexts(model.tokenizer, dataSet.documents(split), 128);
const text = {
  model,
  trainContexts: contexts('train').slice(0, 1600),
  heldOutContexts: contexts('heldOut').slice(0, 8),
};
const runs = sweepRuns(
  {
    request: {
      ...{ modelId: model.id, dataSetId: 'tinystories', sourceId: '4-res-x', hookPoint, architecture: 'topk' },
      ...{ dSae: 512, learningRate: 4e-3, batchTokens: 1024, trainingTokens },
    },
  },
  { k: Array.from({ length: count }, (_, i) => 4 * (i + 1)) },
);
const conduct = { engine, checkpointEverySteps: Number.MAX_SAFE_INTEGER, activationCacheBytes: 0 };

async function coreSeconds(work: () => Promise<void>): Promise<string> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / 1e6).toFixed(1)} core seconds`;
}
/** Trains until the last step of the last SAE; evaluations would only blur the difference. */
async function train(some: readonly SaeRun[], from: TrainingData & TrainingConduct): Promise<void> {
  let left = some.length;
  for await (const event of trainSaes({ ...from, runs: some }))
    if (event.kind === 'metrics' && event.metrics.tokens === trainingTokens && --left === 0) break;
}
const fromText = { ...conduct, ...text };
console.log(`${count} SAEs together: ${await coreSeconds(() => train(runs, fromText))}`);
console.log(
  `one after the other: ${await coreSeconds(async () => {
    for (const run of runs) await train([run], fromText);
  })}`,
);
const folder = await mkdtemp(join(tmpdir(), 'activations-'));
console.log(
  `activations to disk: ${await coreSeconds(async () => {
    const options = { ...text, engine, hookPoints: [hookPoint], folder, dataSetId: 'tinystories' };
    for await (const _ of cacheActivations(options));
  })}`,
);
const activations = await openCachedActivations(folder);
console.log(`together from disk: ${await coreSeconds(() => train(runs, { ...conduct, activations }))}`);
await activations.close();
await rm(folder, { recursive: true });
await engine.close();
