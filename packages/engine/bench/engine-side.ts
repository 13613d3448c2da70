// The engine's side of a comparison, in a process of its own: `engine-side.ts <case> <threads> <engine>`; see side.ts.
import { createInterface } from 'node:readline';
import { openEngine, parseEngineName } from '../src/index.ts';
import { cases } from './cases.ts';

const [name, threads] = [process.argv[2]!, Number(process.argv[3])];
const say = (message: object) =>
  console.log(JSON.stringify({ ...message, peakMb: process.resourceUsage().maxRSS / 1024 }));

const engine = await openEngine({ engine: parseEngineName(process.argv[4]!), threads });
const start = performance.now();
const work = await cases[name]!.prepare(engine, threads);
const compileMs = performance.now() - start;
await work();
say({ compileMs });
for await (const line of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const end = performance.now() + Number(line) * 1000; performance.now() < end || times.length < 2;) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  say({ times, cpuMs: (user + system) / 1000 });
}
process.exit(0);
