import { join } from 'node:path';
import type { Evaluation } from '@monosema/catalog';
import { evaluationRows } from '../sae/evaluation-table.ts';
import { savedEvaluation } from '../sae/saved-evaluation.ts';
import { table } from '../table.ts';
import { writeWhole } from '../write-whole.ts';
import { pathOf } from './run-folders.ts';
import type { NamedRun } from './runs.ts';

export const sweepFile = 'sweep.json';

/** What became of a run; those that were finished before count as well. */
interface Result {
  name: string;
  path: string;
  request: NamedRun['request'];
  evaluation: Evaluation | null;
  /** Why there is no SAE. */
  error: string | null;
}

/** Writes sweep.json where there are several runs, and gives the final table. */
export async function finishRuns(
  runs: readonly NamedRun[],
  out: string,
  failed: ReadonlyMap<string, string>,
): Promise<string> {
  const results: Result[] = [];
  for (const { name, request } of runs) {
    const path = pathOf(name, out);
    const error = failed.get(name) ?? null;
    results.push({ name, path, request, evaluation: error === null ? await savedEvaluation(path) : null, error });
  }
  const [first] = results;
  if (results.length === 1)
    return first?.evaluation ? `on held-out text\n${table(evaluationRows(first.evaluation), '  ')}` : '';
  const text = `${JSON.stringify(
    results.map(({ path: _, ...result }) => result),
    null,
    2,
  )}\n`;
  await writeWhole(join(out, sweepFile), new TextEncoder().encode(text));
  return table([
    ['', 'L0', 'explained variance', 'CE-loss score', 'MSE', 'dead'],
    ...results.map(({ name, evaluation, error }) =>
      evaluation ? [name, ...numbersOf(evaluation)] : [name, error ?? 'not measured'],
    ),
  ]);
}

function numbersOf({ l0, explainedVariance, ceLossScore, mse, deadFeatures }: Evaluation): string[] {
  const score = ceLossScore === null ? 'not measured' : ceLossScore.toFixed(4);
  return [l0.toFixed(2), explainedVariance.toFixed(4), score, mse.toPrecision(4), String(deadFeatures)];
}
