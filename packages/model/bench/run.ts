/**
 * How fast a model of GPT-2 small's shape runs here, beside torch on the same cores, both in turn:
 *   npm run bench -- model [--threads 2] [--rounds 7] [--only generate-8] [--weights initialisers]
 * The torch column needs a Python with torch, which MONOSEMA_PYTHON may name; without it the others are printed. On a busy
 * machine the ratio of processor times tells more.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openEngine } from '@monosema/engine';
import { compileForward, generate } from '../src/index.ts';
import { python } from '@monosema/bench-side';
import { gpt2Small } from './gpt2-small.ts';
import { openTorchTwin, type Spent } from './torch-twin.ts';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '7' },
    weights: { type: 'string', default: 'initialisers' },
    only: { type: 'string' },
  },
});
const threads = Number(options.threads);
const weightsAs = options.weights === 'inputs' ? 'inputs' : 'initialisers';

interface Work {
  readonly tokens: number;
  /** Compiles; gives what is measured and frees it afterwards. */
  prepare(): Promise<{ run(): Promise<unknown>; dispose(): Promise<void> }>;
}

const engine = await openEngine({ engine: 'onnx-cpu', threads });
const model = gpt2Small();
const { vocabularySize } = model.config;
const idsOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => (i * 7919) % vocabularySize);

function forward(taps: string[], logits: boolean): Work {
  return {
    tokens: 8 * 128,
    async prepare() {
      const pass = await compileForward(engine, model, { length: 128, taps, logits, weightsAs });
      const ids = idsOf(8 * 128);
      return { run: () => pass.run(ids), dispose: () => pass.dispose() };
    },
  };
}

function generation(rows: number): Work {
  const prompts = Array.from({ length: rows }, (_, row) => [...idsOf(rows * 16).subarray(row * 16, row * 16 + 16)]);
  return {
    tokens: rows * 100,
    prepare: () =>
      Promise.resolve({
        run: () => generate(engine, model, { prompts, newTokens: 100 }),
        dispose: () => Promise.resolve(),
      }),
  };
}

const works: Record<string, [string, Work]> = {
  residual: ['8 × 128 to blocks.8.hook_resid_pre', forward(['blocks.8.hook_resid_pre'], false)],
  logits: ['8 × 128 to all logits', forward([], true)],
  'generate-1': ['1 × 100 new tokens, greedy', generation(1)],
  'generate-8': ['8 × 100 new tokens, greedy', generation(8)],
};

const torch = await openTorchTwin(python(), threads);
console.log(`${engine.description}; ${torch?.description ?? 'no torch'}; tokens per second, best and median`);
const table: Record<string, Record<string, string>> = {};
for (const [name, [title, { tokens, prepare }]] of Object.entries(works)) {
  if (options.only !== undefined && options.only !== name) continue;
  const started = performance.now();
  const work = await prepare();
  await work.run();
  const firstRun = performance.now() - started;
  await torch?.measure(name);
  const [ours, theirs]: [Spent[], Spent[]] = [[], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(await measure(work.run));
    if (torch) theirs.push(await torch.measure(name));
  }
  await work.dispose();
  table[title] = { 'first run': `${firstRun.toFixed(0)} ms`, ours: rates(tokens, ours) };
  if (torch)
    Object.assign(table[title], {
      torch: rates(tokens, theirs),
      'ours : torch, best': (least(theirs, 'wall') / least(ours, 'wall')).toFixed(2),
      'by processor time': (least(theirs, 'processor') / least(ours, 'processor')).toFixed(2),
    });
}
await engine.close();
console.table(table);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const own = `ours ${megabytes(process.resourceUsage().maxRSS * 1024)}`;
console.log(`most memory held: ${own}${torch ? `, torch ${megabytes(await torch.peakMemory())}` : ''}`);
await torch?.close();

async function measure(run: () => Promise<unknown>): Promise<Spent> {
  const [from, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - from) / 1000, processor: (user + system) / 1e6 };
}

function least(spent: readonly Spent[], what: keyof Spent): number {
  return Math.min(...spent.map((one) => one[what]));
}

function rates(tokens: number, spent: readonly Spent[]): string {
  const times = spent.map(({ wall }) => wall).sort((a, b) => a - b);
  return [times[0]!, times[times.length >> 1]!]
    .map((time) => Math.round(tokens / time).toLocaleString('en'))
    .join(' / ');
}
