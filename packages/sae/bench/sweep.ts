// `npx tsx packages/sae/bench/sweep.ts --architecture gated --l1 0.1,0.3,1 --lr 1e-3,4e-3`: a sweep on the bundled model from
// one forward pass, and what each SAE came to on held-out text; how the presets were chosen. Options: --k --l1 --l0 --lr --width
// --seed (lists), --steps 1500 --batch 2048 --hook blocks.2.hook_resid_post --evaluation 32768 (tokens),
// --settings '{"loss": {"jumpBandwidth": 2}}' over the house's, as often as there are variants.
import { parseArgs } from 'node:util';
import { launchableArchitectures, trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import { openEngine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import {
  houseSettings,
  sweepRuns,
  trainSaes,
  type SweepGrid,
  type TrainingSettingsInput,
} from '../src/training/index.ts';

const list = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{
      architecture: { type: 'string', default: 'topk' },
      k: list,
      l1: list,
      l0: list,
      lr: list,
      width: list,
      seed: list,
    },
    ...{ steps: { type: 'string', default: '1500' }, hook: { type: 'string', default: 'blocks.2.hook_resid_post' } },
    ...{ batch: { type: 'string', default: '2048' }, evaluation: { type: 'string', default: '32768' } },
    settings: { type: 'string', multiple: true, default: ['{}'] },
  },
});
const architecture = launchableArchitectures.find((name) => name === values.architecture);
if (!architecture) throw new RangeError(`--architecture is one of ${launchableArchitectures.join(', ')}`);
const numbers = (text: string | undefined): number[] | undefined => text?.split(',').map(Number);

const engine = await openEngine();
const model = await loadModel('stories-260k');
const dataSet = await openDataSet('tinystories');
const contexts = (split: 'train' | 'heldOut') => tokenContexts(model.tokenizer, dataSet.documents(split), 128);
const request: Partial<TrainingRequestInput> = {
  ...{ modelId: model.id, dataSetId: 'tinystories', sourceId: '2-res-sweep', hookPoint: values.hook, architecture },
  ...{ dSae: 1024, learningRate: 4e-3, batchTokens: Number(values.batch) },
  trainingTokens: Number(values.batch) * Number(values.steps),
  ...(architecture === 'matryoshka_batchtopk' && { widths: [64, 256, 1024] }),
};
const grid: SweepGrid = Object.fromEntries(
  Object.entries({
    ...{ k: numbers(values.k), l1Coefficient: numbers(values.l1), l0Coefficient: numbers(values.l0) },
    ...{ learningRate: numbers(values.lr), dSae: numbers(values.width), seed: numbers(values.seed) },
  }).filter(([, given]) => given !== undefined),
);
const runs = values.settings.flatMap((json, variant) => {
  const own = JSON.parse(json) as TrainingSettingsInput;
  return sweepRuns({ request }, grid).map((run) => {
    const house = houseSettings(trainingRequestSchema.parse(run.request));
    const settings: TrainingSettingsInput = {
      ...{ ...house, ...run.settings, ...own, loss: { ...house.loss, ...own.loss }, sae: { ...house.sae, ...own.sae } },
      ...{ start: { ...house.start, ...own.start }, optimiser: { ...house.optimiser, ...own.optimiser } },
      schedule: { ...house.schedule, ...own.schedule },
    };
    return { ...run, settings, name: [run.name, ...(variant > 0 ? [`settings ${variant + 1}`] : [])].join(', ') };
  });
});
const start = performance.now();
const text = { model, trainContexts: contexts('train'), heldOutContexts: contexts('heldOut') };
const conduct = { engine, checkpointEverySteps: Number.MAX_SAFE_INTEGER, evaluationTokens: Number(values.evaluation) };
for await (const event of trainSaes({ ...text, ...conduct, runs })) {
  if (event.kind === 'failed') console.log(`${event.name}: ${event.error.message}`);
  if (event.kind !== 'evaluation') continue;
  const { explainedVariance, ceLossScore, deadFraction, l0 } = event.evaluation;
  console.log(
    `${architecture} ${event.name}: L0 ${l0.toFixed(2)}, explained variance ${explainedVariance.toFixed(4)}, CE score ${ceLossScore?.toFixed(4)}, dead ${(100 * deadFraction).toFixed(1)} %`,
  );
}
console.log(`${((performance.now() - start) / 1000).toFixed(0)} s, ${engine.description}`);
await engine.close();
