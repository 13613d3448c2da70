import { formatNumber } from './format-number.ts';
import { Token } from './token.tsx';

export interface TokenRow {
  id: number;
  text: string;
  value: number;
}

export interface LogitTableProps {
  title: string;
  rows: readonly TokenRow[];
  tone: 'positive' | 'negative' | 'heat';
  /** The |value| of a full bar; the same for tables that are compared. */
  scale: number;
  /** Shown when there are no rows. */
  empty?: string;
}

/**
 * Tokens with a number each, as bars: logits that a feature raises or lowers, or the tokens it fires on.
 *
 * @example <LogitTable title="Positive logits" tone="positive" scale={2.1} rows={[{ id: 403, text: ' upon', value: 2.1 }]} />
 */
export function LogitTable({ title, rows, tone, scale, empty = 'None' }: LogitTableProps): React.JSX.Element {
  return (
    <table className={`logit-table logit-table-${tone}`}>
      <caption>{title}</caption>
      <tbody>
        {rows.map((row, rank) => (
          <tr key={rank}>
            <th scope="row" title={`token id ${row.id}`}>
              <Token text={row.text} />
            </th>
            <td
              style={
                {
                  '--bar': `${Math.min(100, (Math.abs(row.value) / (scale || 1)) * 100).toFixed(1)}%`,
                } as React.CSSProperties
              }
            >
              {formatNumber(row.value).replace('-', '−')}
            </td>
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td className="text-muted">{empty}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
