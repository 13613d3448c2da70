import type { Evaluation } from '@monosema/catalog';
import { formatCount, formatNumber, Histogram } from '@monosema/ui';
import { evaluationRows, lossRows, type EvaluationRow } from './evaluation-rows.ts';

/** How the SAE does on text it has not seen; its rows stand from the start. A dash is "not measured". */
export function EvaluationTable({ evaluation }: { evaluation: Evaluation | null }) {
  return (
    <section aria-labelledby="held-out" className="card p-4">
      <h2 id="held-out">On held-out text</h2>
      <p className="mb-2 text-sm text-muted">
        {evaluation
          ? `${formatCount(evaluation.tokens)} tokens, BOS left out${evaluation.intervals ? '; ± is a 95% interval' : ''}`
          : 'Measured when training has ended.'}
      </p>
      <Rows rows={evaluationRows} evaluation={evaluation} />
      <details className="mt-3">
        <summary className="text-sm font-medium">Losses and other baselines</summary>
        <Rows rows={lossRows} evaluation={evaluation} />
      </details>
      {evaluation?.densityHistogram && <Densities evaluation={evaluation} histogram={evaluation.densityHistogram} />}
    </section>
  );
}

function Rows({ rows, evaluation }: { rows: readonly EvaluationRow[]; evaluation: Evaluation | null }) {
  return (
    <table className="data-table [&_tr:last-child_th]:border-b-0">
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">
              {row.name}
              <span className="block text-xs font-normal whitespace-normal text-muted">{row.note}</span>
            </th>
            <td className="number font-mono">
              {(evaluation && row.of(evaluation)) ?? '–'}
              {evaluation && <Interval row={row} evaluation={evaluation} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Interval({ row: { measure }, evaluation }: { row: EvaluationRow; evaluation: Evaluation }) {
  const interval = measure && evaluation.intervals?.[measure];
  if (!interval) return null;
  const [low, high] = interval;
  if (low === high) return null;
  return (
    <span
      className="block text-xs whitespace-nowrap text-muted"
      title={`95% interval: ${formatNumber(low, 5)} to ${formatNumber(high, 5)}`}
    >
      ± {String(Number(((high - low) / 2).toPrecision(2)))}
    </span>
  );
}

/** -6 -> 0.0001% */
const shareOf = (power: number): string => `${Number((100 * 10 ** power).toPrecision(2))}%`;

function Densities({
  evaluation: { deadFeatures },
  histogram: { from, binWidth, counts },
}: {
  evaluation: Evaluation;
  histogram: NonNullable<Evaluation['densityHistogram']>;
}) {
  return (
    <figure className="mt-3 max-w-md">
      <figcaption className="text-sm font-medium">
        How often features are active
        {deadFeatures > 0 && (
          <span className="font-normal text-muted"> · without {formatCount(deadFeatures)} dead</span>
        )}
      </figcaption>
      <Histogram
        title="How often features are active"
        counts={counts}
        from={from}
        to={from + counts.length * binWidth}
        counted="features"
        xLabel="share of tokens"
        ticks={[-6, -4, -2, 0]}
        formatX={shareOf}
        formatEdge={shareOf}
        colour="accent"
      />
    </figure>
  );
}
