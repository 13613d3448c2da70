/**
 * Tokens per second of the bundled model, best and median of several rounds:
 *   npx tsx packages/model/bench/throughput.ts [threads]
 */
import { openEngine, type Engine } from '@monosema/engine';
import { compileForward, generate, loadModel, type Model } from '../src/index.ts';

const rounds = 15;
const model = await loadModel('stories-260k');
const engine = await openEngine({ threads: process.argv[2] ? Number(process.argv[2]) : undefined });
console.log(engine.description);

async function measure(what: string, tokens: number, run: () => Promise<unknown>): Promise<void> {
  await run();
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await run();
    seconds.push((performance.now() - started) / 1000);
  }
  seconds.sort((a, b) => a - b);
  const rate = (time: number): string => Math.round(tokens / time).toLocaleString('en');
  console.log(`${what}: ${rate(seconds[0]!)} tok/s best, ${rate(seconds[rounds >> 1]!)} median`);
}

async function measureForward(engine: Engine, model: Model, rows: number, logits: boolean): Promise<void> {
  const taps = logits ? [] : ['blocks.2.hook_resid_post'];
  const forward = await compileForward(engine, model, { length: 128, taps, logits });
  const ids = Int32Array.from({ length: rows * 128 }, (_, i) => (i % 128 === 0 ? 1 : 259 + ((i * 7919) % 250)));
  await measure(`forward of ${rows} × 128 to ${taps[0] ?? 'logits'}`, ids.length, () => forward.run(ids));
  await forward.dispose();
}

for (const rows of [8, 32]) await measureForward(engine, model, rows, false);
await measureForward(engine, model, 32, true);
for (const rows of [1, 32, 64]) {
  const prompts = new Array<string>(rows).fill('Once upon a time, there was');
  const vectors = new Float32Array(rows * 64).fill(0.05);
  const edit = { hookPoint: 'blocks.2.hook_resid_post', vectors };
  await measure(`${rows} × 40 new tokens, greedy`, rows * 40, () =>
    generate(engine, model, { prompts, newTokens: 40 }),
  );
  await measure(`${rows} × 40 new tokens, steered`, rows * 40, () =>
    generate(engine, model, { prompts, newTokens: 40, edit }),
  );
}
await engine.close();
