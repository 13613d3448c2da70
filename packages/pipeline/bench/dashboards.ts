// Dashboards of a whole SAE on the bundled text, timed by part:
//   npx tsx packages/pipeline/bench/dashboards.ts SAE_FOLDER [contexts] [threads]
// Prints tokens per second, peak memory and the best-scored features.
import { openEngine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { readSaeFolder } from '@monosema/sae';
import { openDataSet } from '@monosema/sample-data';
import type { FeatureRecord } from '@monosema/catalog';
import { buildDashboards, previewSteering } from '../src/index.ts';

const [folder, contextCount = '4000', threads = '2'] = process.argv.slice(2);
if (!folder) throw new Error('give the folder of an SAE');
const model = await loadModel('stories-260k');
const sae = await readSaeFolder(folder);
const stories = (await openDataSet('tinystories')).documents('train');
const contexts = tokenContexts(model.tokenizer, stories, sae.config.contract.contextSize).slice(
  0,
  Number(contextCount),
);
const engine = await openEngine({ threads: Number(threads) });
const rss = process.memoryUsage().rss;

const start = performance.now();
let passSeconds = 0;
const features: FeatureRecord[] = [];
for await (const event of buildDashboards({ engine, model, sae, contexts })) {
  if (event.kind === 'features') features.push(...event.features);
  else passSeconds = (performance.now() - start) / 1000;
}
const seconds = (performance.now() - start) / 1000;
const tokens = contexts.length * contexts[0]!.length;
const peak = (process.resourceUsage().maxRSS * 1024 - rss) / 2 ** 20;
console.log(
  `${tokens} tokens: pass ${passSeconds.toFixed(1)} s (${Math.round(tokens / passSeconds)} tokens/s), in all ${seconds.toFixed(1)} s; peak +${Math.round(peak)} MiB`,
);
console.log(`${features.filter(({ firings }) => firings > 0).length} of ${features.length} features live`);

const { vocabulary } = model.tokenizer;
const words = (list: { token: number }[]): string =>
  list
    .slice(0, 6)
    .map(({ token }) => JSON.stringify(vocabulary.textOf(token)))
    .join(' ');
const best = features.toSorted((a, b) => b.score - a.score).slice(0, 12);
for (const f of best) {
  console.log(
    `\n#${f.index} score ${f.score.toFixed(3)} density ${(100 * f.density).toFixed(2)} % max ${f.maximum.toFixed(2)} mean ${f.mean.toFixed(2)}\n  tokens ${words(f.topTokens)}\n  logits ${words(f.topLogits)} | ${words(f.bottomLogits)}`,
  );
  for (const { context, position } of f.examples.slice(0, 4)) {
    const texts = vocabulary.textsOf(contexts[context]!);
    console.log(
      `    …${texts.slice(Math.max(0, position - 12), position).join('')}[${texts[position]}]${texts.slice(position + 1, position + 8).join('')}`.replaceAll(
        '\n',
        '⏎',
      ),
    );
  }
}
const steerStart = performance.now();
for await (const event of previewSteering({
  engine,
  model,
  sae,
  features: best.slice(0, 10),
  multiples: [0.75, 1, 1.5],
})) {
  if (event.kind === 'baselines') console.log('\nbaselines', event.baselines);
  if (event.kind === 'previews')
    for (const p of event.previews) console.log(event.index, p.strength.toFixed(1), p.prompt, '|', p.steered);
}
console.log(`steering: ${((performance.now() - steerStart) / 1000).toFixed(1)} s`);
await engine.close();
