import type { SparseRows } from '@monosema/sae';
import { table } from '../../table.ts';
import { writeJson } from '../../terminal.ts';
import { shown } from '../../text-argument.ts';
import type { Encoded } from './encode.ts';

interface Pair {
  index: number;
  value: number;
}

/** Shows the codes, row by row, the strongest first. */
export function showCodes(encoded: Encoded, { top, json }: { top: number; json?: boolean }): void {
  const { sae, codes, input, quality } = encoded;
  const rows = Array.from({ length: codes.rows }, (_, row) => ({
    ...(input.tokens && { id: input.tokens.ids[row]!, text: input.tokens.texts[row]! }),
    counted: input.counts(row),
    features: pairsOf(codes, row),
  }));
  if (json) {
    writeJson({ rows: codes.rows, dSae: sae.config.dSae, ...quality, tokens: rows });
    return;
  }
  const lines = rows.map(({ text, counted, features }, row) => {
    const best = features.slice(0, top).map(({ index, value }) => `${index}:${value.toFixed(2)}`);
    const name = text === undefined ? String(row) : shown(text);
    return [name, String(features.length), counted ? best.join('  ') : '(not counted)'];
  });
  process.stdout.write(table(lines));
  const { l0, explainedVariance } = quality;
  const sparsity = l0 === null ? 'no row counts' : `L0 ${l0.toFixed(2)} of ${sae.config.dSae} features`;
  const kept = explainedVariance === null ? '' : `, explained variance ${explainedVariance.toFixed(4)}`;
  process.stdout.write(`\n${sparsity}${kept}\n`);
}

function pairsOf({ offsets, indices, values }: SparseRows, row: number): Pair[] {
  const pairs: Pair[] = [];
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) pairs.push({ index: indices[i]!, value: values[i]! });
  return pairs.sort((a, b) => b.value - a.value || a.index - b.index);
}
