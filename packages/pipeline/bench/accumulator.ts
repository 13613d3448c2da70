// How fast firings are gathered and turned into statistics, without a model:
//   npx tsx packages/pipeline/bench/accumulator.ts [dSae] [k] [contexts]
// Memory is the process's peak above its start.
import type { SparseRows } from '@monosema/sae';
import { DashboardAccumulator } from '../src/dashboard-accumulator.ts';
import { randomNumbers } from '../src/synthetic.fixture.ts';

const [dSae = 1024, k = 8, contexts = 6800] = process.argv.slice(2).map(Number);
const contextSize = 128;
const random = randomNumbers(1);
const ids = Int32Array.from({ length: contextSize }, () => 3 + Math.floor(random() * 500));
const batches = Array.from({ length: 8 }, () => randomRows(contextSize));
const start = process.memoryUsage().rss;
const accumulator = new DashboardAccumulator({ dSae, contextSize, excludedTokens: [1] });

const addStart = performance.now();
for (let context = 0; context < contexts; context++) accumulator.add(context, ids, batches[context % batches.length]!);
const addSeconds = (performance.now() - addStart) / 1000;
const finishStart = performance.now();
let firings = 0;
for (const feature of accumulator.finish(() => ids)) firings += feature.firings;
const finishSeconds = (performance.now() - finishStart) / 1000;
const tokens = contexts * contextSize;
const peak = process.resourceUsage().maxRSS * 1024 - start;
accumulator.close();
console.log(
  `${tokens} tokens, ${firings} firings of ${dSae} features: add ${addSeconds.toFixed(2)} s, finish ${finishSeconds.toFixed(2)} s, ` +
    `${Math.round(tokens / (addSeconds + finishSeconds))} tokens/s, peak +${Math.round(peak / 2 ** 20)} MiB`,
);

/** k firings per row; low features are frequent, high ones rare. */
function randomRows(rows: number): SparseRows {
  const indices = Int32Array.from({ length: rows * k }, () => Math.floor(random() ** 3 * dSae));
  const values = Float32Array.from({ length: rows * k }, () => 0.1 + random() * 10);
  return { rows, offsets: Int32Array.from({ length: rows + 1 }, (_, i) => i * k), indices, values };
}
