/**
 * Prints how far each family is from TransformerLens, as a table for docs/models.md; with --write, puts it there.
 *
 *     npx tsx packages/model/scripts/parity-table.ts [--write]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { openEngine, type Arrays, type Engine } from '@monosema/engine';
import {
  differenceOf,
  goldenNames,
  openGolden,
  runGolden,
  type GoldenModel,
} from '../src/architectures/golden-models.fixture.ts';
import { generate } from '../src/index.ts';

const docs = new URL('../../../docs/models.md', import.meta.url);
const [begin, end] = ['<!-- parity table: packages/model/scripts/parity-table.ts -->', '<!-- end of parity table -->'];
const kinds = { logits: /^logits$/, hooks: /^[^:]+$/, edits: /^edit:/, gradients: /^gradient:/ };

/** The largest difference of the golden arrays of a kind. */
const worst = ({ arrays }: GoldenModel, got: Arrays, kind: RegExp): number =>
  Object.entries(arrays)
    .filter(([name]) => kind.test(name))
    .reduce((largest, [name, { data }]) => Math.max(largest, differenceOf(got[name]!.data, data)), 0);

async function row(golden: GoldenModel, onnx: Engine, reference: Engine): Promise<(string | number)[]> {
  const { model, arrays, ids, greedy } = golden;
  const [fast, exact] = [await runGolden(onnx, golden), await runGolden(reference, golden)];
  const { ids: written } = await generate(onnx, model, { prompts: [Array.from(ids)], newTokens: greedy.length });
  const same = greedy.filter((token, i) => token === written[0]![i]).length;
  const count = (kind: RegExp): number => Object.keys(arrays).filter((name) => kind.test(name)).length;
  return [
    golden.name,
    model.config.architecture,
    count(kinds.hooks) - 1,
    ...Object.values(kinds).map((kind) => scientific(worst(golden, fast, kind))),
    scientific(worst(golden, exact, /./)),
    `${same} of ${greedy.length}`,
    scientific(golden.transformersDifference),
  ];
}

const scientific = (x: number): string => (x === 0 ? '0' : x.toExponential(0).replace('e-', 'e−'));

async function table(): Promise<string> {
  const [onnx, reference] = [await openEngine({ engine: 'onnx-cpu' }), await openEngine({ engine: 'reference' })];
  const head = [
    'model',
    'architecture',
    'hook points',
    'logits',
    'hooks',
    'edits',
    'gradients',
    'float64 pass',
    'tokens',
    'transformers',
  ];
  const rows = [];
  for (const name of goldenNames) rows.push(await row(await openGolden(name), onnx, reference));
  await Promise.all([onnx.close(), reference.close()]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const text = await table();
console.log(text);
if (process.argv.includes('--write')) {
  const page = readFileSync(docs, 'utf8');
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/models.md lacks the lines "${begin}" and "${end}"`);
  writeFileSync(docs, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
