import type { Evaluation } from '@monosema/catalog';
import { formatCount, formatNumber, formatPercent } from '@monosema/ui';

const number = (value: number | null | undefined): string => (value == null ? '–' : formatNumber(value, 4));

/** Each figure with what it says. A dash is "not measured". */
const rows: readonly { name: string; note: string; of: (evaluation: Evaluation | null) => string }[] = [
  { name: 'Explained variance', note: '1 is a perfect reconstruction', of: (e) => number(e?.explainedVariance) },
  {
    name: 'CE-loss score',
    note: '1 when the model reads on as if nothing was replaced, 0 as if zeroed',
    of: (e) => number(e?.ceLossScore),
  },
  { name: 'L0', note: 'active latents per token', of: (e) => number(e?.l0) },
  { name: 'MSE', note: 'summed over d_in, mean over tokens', of: (e) => number(e?.mse) },
  {
    name: 'Dead features',
    note: 'never active on this text',
    of: (e) => (e ? `${formatCount(e.deadFeatures)} (${formatPercent(e.deadFraction)})` : '–'),
  },
  { name: 'CE loss, clean', note: 'of the model as it is', of: (e) => number(e?.ceLossClean) },
  {
    name: 'CE loss, spliced',
    note: 'with reconstructions in place of activations',
    of: (e) => number(e?.ceLossSpliced),
  },
  { name: 'CE loss, ablated', note: 'with zeros in their place', of: (e) => number(e?.ceLossAblated) },
  {
    name: 'CE-loss score, BOS zeroed too',
    note: 'against zeros at every token, as SAELens measures it',
    of: (e) => number(e?.ceLossScoreEverywhere),
  },
];

/** How the SAE does on text it has not seen; its rows stand from the start. */
export function EvaluationTable({ evaluation }: { evaluation: Evaluation | null }) {
  return (
    <section aria-labelledby="held-out" className="card p-4">
      <h2 id="held-out">On held-out text</h2>
      <p className="mb-2 text-sm text-muted">
        {evaluation ? `${formatCount(evaluation.tokens)} tokens, BOS left out` : 'Measured when training has ended.'}
      </p>
      <table className="data-table [&_tr:last-child_th]:border-b-0">
        <tbody>
          {rows.map(({ name, note, of }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                <span className="block text-xs font-normal whitespace-normal text-muted">{note}</span>
              </th>
              <td className="number font-mono">{of(evaluation)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
