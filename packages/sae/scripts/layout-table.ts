/**
 * Prints which layouts of files are read and how far what is read is from the programs that they are of, as the table of
 * docs/saes.md; with --write, puts it there. Differences are measured now, on what those programs recorded (src/fixtures).
 *
 *     npx tsx packages/sae/scripts/layout-table.ts [--write]
 */
import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { relativeDifference, runSae, type Compared } from '../src/fixtures/saelens-runs.fixture.ts';
import { memoryFolder, partOf } from '../src/layouts/folder.ts';
import { readLayout } from '../src/layouts/index.ts';
import { layoutNames, type LayoutHints, type LayoutName } from '../src/layouts/layout.ts';
import { folderOf, placeOf, recorded } from '../src/layouts/published.fixture.ts';
import { openSae } from '../src/pretrained/index.ts';
import type { Sae } from '../src/sae.ts';
import { scientific, writeBetween } from './write-between.ts';

interface Recorded {
  name: string;
  files: Record<string, string>;
  path?: string;
  hints?: LayoutHints;
  codes: number[];
  out: number[];
}
const others = JSON.parse(readFileSync(new URL('../src/fixtures/layouts.json', import.meta.url), 'utf8')) as {
  x: number[];
  cases: Recorded[];
};

/** How each layout is known to people, and whose numbers the tests compare with. */
const known: Record<LayoutName, [files: string, truth: string]> = {
  saelens: ['SAELens 2 to 6: `cfg.json`, `sae_weights.safetensors`', 'sae-lens'],
  'gemma-scope': ['Gemma Scope: `params.npz`', 'sae-lens'],
  'gemma-transcoder': ["Gemma Scope's transcoders: `params.npz`", 'sae-lens'],
  'gemma-scope-2': ['Gemma Scope 2: `params.safetensors`, `config.json`', 'sae-lens'],
  'llama-scope': ['Llama Scope: `hyperparams.json`, `checkpoints/final.safetensors`', 'sae-lens, formula'],
  'llama-scope-r1': ["Llama Scope's R1-Distill: `config.json`, `sae_weights.safetensors`", 'sae-lens'],
  'deepseek-r1': ['DeepSeek R1: one `.pt`', 'sae-lens'],
  goodfire: ['Goodfire: one `.pt`', 'sae-lens'],
  'qwen-scope': ['Qwen Scope: `layer*.sae.pt`', 'sae-lens'],
  mwhanna: ['circuit-tracer (mwhanna): `layer_*.safetensors`, `config.yaml`', 'sae-lens'],
  clt: ['a layer of a cross-layer transcoder (mntss)', 'sae-lens'],
  temporal: ['temporal SAEs', 'refused by name'],
  'dictionary-learning': ['dictionary_learning: `config.json`, `ae.pt`, or a state dict', 'dictionary_learning'],
  sparsify: ['sparsify (EleutherAI): `cfg.json`, `sae.safetensors`', 'sparsify'],
  openai: ['OpenAI: `autoencoders/*.pt`', 'formula'],
  'connor-rob': ['connor_rob_hook_z: `*.pt`, `*_cfg.json`', 'sae-lens'],
  plain: [
    'any file of tensors with known names (.pt, .npz, .safetensors), with hints',
    'formula, their authors’ metrics',
  ],
};

interface Row {
  architectures: Set<string>;
  cases: number;
  worst: number;
}
const rows = new Map<string, Row>();
async function add(
  engine: Engine,
  layout: string,
  sae: Sae,
  recording: Pick<Recorded, 'codes' | 'out'>,
  x: number[],
  comparable: (compared: Compared) => boolean = () => true,
): Promise<void> {
  const row = rows.get(layout) ?? { architectures: new Set(), cases: 0, worst: 0 };
  row.architectures.add(sae.config.architecture);
  row.cases += 1;
  const compared = (await runSae(engine, sae, { ...recording, x })).filter(comparable);
  row.worst = Math.max(row.worst, ...compared.map(relativeDifference));
  rows.set(layout, row);
}

async function table(): Promise<string> {
  const engine = await openEngine({ engine: 'onnx-cpu' });
  for (const recording of others.cases) {
    const files = Object.entries(recording.files).map(([name, text]) => [
      name,
      new Uint8Array(Buffer.from(text, 'base64')),
    ]);
    const folder = memoryFolder(Object.fromEntries(files) as Record<string, Uint8Array>, recording.name);
    const { sae, layout } = await openSae(partOf(folder, recording.path ?? ''), { hints: recording.hints ?? {} });
    await add(engine, layout, sae, recording, others.x);
  }
  for (const recording of recorded.cases) {
    const { sae, layout } = await readLayout(folderOf(recording), placeOf(recording).hints);
    // SAELens forgets b_dec when it scales an embedding's reconstruction: the test corrects it.
    const comparable = ({ what }: Compared): boolean => !(what === 'out' && recording.name.endsWith('embedding'));
    await add(engine, layout, sae, recording, recorded.x, comparable);
  }
  await engine.close();
  const head = ['layout', 'files', 'architectures', 'checked against', 'SAEs', 'difference'];
  const cells = layoutNames.map((name) => {
    const [files, truth] = known[name];
    const { architectures = [], cases = '', worst } = rows.get(name) ?? {};
    return [
      `\`${name}\``,
      files,
      [...architectures].join(', '),
      truth,
      cases,
      worst === undefined ? '' : scientific(worst),
    ];
  });
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const text = await table();
console.log(text);
if (process.argv.includes('--write')) writeBetween('layout table: packages/sae/scripts/layout-table.ts', text);
