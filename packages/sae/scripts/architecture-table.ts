/**
 * Prints what is done with each architecture and how far it is from sae-lens, as the tables of docs/saes.md; with --write,
 * puts them there. Differences are measured now, on what sae-lens recorded (src/fixtures); speeds are those that
 * `npm run bench -- sae --size 512 --batch 1024 --json | tee packages/sae/bench/measured.txt` printed last.
 *
 *     npx tsx packages/sae/scripts/architecture-table.ts [--write]
 */
import { existsSync, readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { inferenceSae } from '../src/architectures/inference-sae.ts';
import { loadSae, saveSae, type Files } from '../src/checkpoint/sae-files.ts';
import { architectureNames, type ArchitectureName } from '../src/config/sae-config.ts';
import { lossRulesSchema } from '../src/config/loss-rules.ts';
import { optimiserRulesSchema } from '../src/config/optimiser-rules.ts';
import { exampleInput, examples } from '../src/fixtures/examples.fixture.ts';
import { recorded } from '../src/fixtures/saelens.fixture.ts';
import {
  relativeDifference,
  runPass,
  runSae,
  runTrajectory,
  type Compared,
} from '../src/fixtures/saelens-runs.fixture.ts';
import { testConfig, testNumbers, testParameters } from '../src/sae.fixture.ts';
import { openProgramTrainer } from '../src/training/program-trainer.ts';
import { scientific, writeBetween } from './write-between.ts';

interface RecordedSae {
  name: string;
  files: Record<string, string>;
  codes: number[];
  out: number[];
}
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../src/fixtures/${name}`, import.meta.url), 'utf8'));
const filesOf = (files: Record<string, string>): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );

/** The worst of what was compared for each architecture. */
class Worst {
  private readonly values = new Map<string, number>();
  add(architecture: string, compared: readonly Compared[]): void {
    const worst = Math.max(...compared.map(relativeDifference), this.values.get(architecture) ?? 0);
    this.values.set(architecture, worst);
  }
  cell(architecture: string): string {
    const value = this.values.get(architecture);
    return value === undefined ? '' : scientific(value);
  }
}

/** Half-precision SAEs are calculated as halves there; centring is left to the model there. */
const isComparable = (name: string): boolean => !/float16|centred/.test(name);

async function filesRead(engine: Engine): Promise<{ worst: Worst; from: Map<string, Set<string>> }> {
  const worst = new Worst();
  const from = new Map<string, Set<string>>();
  const add = async (source: string, x: number[], recording: RecordedSae, trained: boolean): Promise<void> => {
    const sae = loadSae(filesOf(recording.files));
    const { architecture, dIn } = sae.config;
    from.set(architecture, (from.get(architecture) ?? new Set()).add(source));
    if (!isComparable(recording.name)) return;
    const whole = x.slice(0, Math.floor(x.length / dIn) * dIn);
    worst.add(architecture, await runSae(engine, trained ? inferenceSae(sae) : sae, { ...recording, x: whole }));
  };
  for (const recording of recorded.files) await add('6', recorded.x, recording, false);
  const old = (version: string) => fixture(`saelens-${version}.json`) as { x: number[]; files: RecordedSae[] };
  for (const [name, { x, files }] of [
    ['5', old('5.11.0')],
    ['3', old('3.23.4')],
    ['2', old('2.1.3')],
  ] as const)
    for (const recording of files) await add(name, x, recording, false);
  const { x, checkpoints } = fixture('saelens-checkpoints.json') as { x: number[]; checkpoints: RecordedSae[] };
  for (const recording of checkpoints) await add('checkpoints of 6', x, recording, true);
  return { worst, from };
}

async function filesWritten(engine: Engine): Promise<{ worst: Worst; as: Map<string, Set<string>> }> {
  const { cases } = fixture('read-by-saelens.json') as { cases: (RecordedSae & { class: string })[] };
  const worst = new Worst();
  const as = new Map<string, Set<string>>();
  for (const { name, sae } of examples()) {
    const read = cases.find((recording) => recording.name === name);
    if (!read || read.class.startsWith('refused')) continue;
    const { architecture } = sae.config;
    as.set(architecture, (as.get(architecture) ?? new Set()).add(read.class));
    if (isComparable(name))
      worst.add(architecture, await runSae(engine, inferenceSae(loadSae(saveSae(sae))), { ...read, x: exampleInput }));
  }
  return { worst, as };
}

/** A line of `npm run bench -- sae --json`: `topk 512 -> 4096, batch 1024 {"kernels": "21.3 / 20.1", "x sae-lens": "3.2", …}`. */
const benchLine = /^(\w+) 512 -> 4096, batch 1024 (\{.*\})$/;
const bench = new URL('../bench/measured.txt', import.meta.url);
const speeds = new Map<string, Record<string, string>>();
if (existsSync(bench))
  for (const line of readFileSync(bench, 'utf8').split('\n')) {
    const [, name, row] = benchLine.exec(line) ?? [];
    if (name !== undefined && row !== undefined) speeds.set(name, JSON.parse(row) as Record<string, string>);
  }

/** Steps per second (median) of the quickest of ours, and how many times that of sae-lens it is. */
function speed(architecture: string): string {
  const row = speeds.get(architecture);
  const steps = (row?.['kernels'] ?? row?.['program'])?.split(' / ')[1];
  if (steps === undefined) return '';
  const times = row?.['x sae-lens'];
  return `${steps}/s${times === undefined ? '' : `, ${times}×`}`;
}

/** Whether thirty steps on the same rows make its loss smaller. */
async function trains(engine: Engine, architecture: ArchitectureName): Promise<boolean> {
  const [batch, x] = [8, testNumbers(4)(8 * 6)];
  const config = testConfig({ architecture });
  const trainer = await openProgramTrainer({
    ...{ engine, config, batch, parameters: testParameters(config) },
    ...{ rules: lossRulesSchema.parse({}), optimiser: optimiserRulesSchema.parse({ decoderRows: 'unit' }) },
  });
  const target = 'dOut' in config ? testNumbers(5)(batch * config.dOut) : undefined;
  const step = { learningRate: 1e-2, dead: new Uint8Array(config.dSae), coefficient: 1e-3, ...(target && { target }) };
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) losses.push((await trainer.step(x, step)).mse);
  await trainer.close();
  return losses.at(-1)! < losses[0]!;
}

async function table(): Promise<string> {
  const engine = await openEngine({ engine: 'onnx-cpu' });
  const [read, written] = [await filesRead(engine), await filesWritten(engine)];
  const [passes, steps] = [new Worst(), new Worst()];
  for (const pass of recorded.passes) passes.add(pass.architecture, runPass(pass));
  for (const path of recorded.trajectories)
    steps.add(
      path.architecture,
      (await runTrajectory(engine, path)).filter(({ what }) => !what.startsWith('step')),
    );
  const trained = new Map<string, boolean>();
  for (const name of architectureNames) trained.set(name, await trains(engine, name));
  await engine.close();
  const head = ['architecture', 'loads', 'saves, for sae-lens', 'trains', 'loaded', 'saved', 'loss', 'steps', 'speed'];
  const rows = architectureNames.map((name) => [
    `\`${name}\``,
    [...(read.from.get(name) ?? [])].join(', '),
    [...(written.as.get(name) ?? [])].join(', '),
    trained.get(name) ? 'yes' : 'no',
    ...[read.worst, written.worst, passes, steps].map((worst) => worst.cell(name)),
    speed(name),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const text = await table();
console.log(text);
if (process.argv.includes('--write'))
  writeBetween('architecture table: packages/sae/scripts/architecture-table.ts', text);
