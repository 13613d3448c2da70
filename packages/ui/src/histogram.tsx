import { formatCompact, formatCount, formatNumber } from './format-number.ts';

export interface HistogramProps {
  /** What the picture shows, for readers who can't see it as well. */
  title: string;
  /** Counts in equal bins of [from, to]. */
  counts: readonly number[];
  from: number;
  to: number;
  /** What is counted, plural: "tokens". */
  counted: string;
  xLabel: string;
  /** Places of labels on the x axis; a few round ones by default. */
  ticks?: readonly number[];
  /** Of the labels on the x axis. */
  formatX?: (value: number) => string;
  /** Of the edges of bins. */
  formatEdge?: (value: number) => string;
  colour?: 'heat' | 'accent';
}

const width = 360;
const height = 180;
const plot = { left: 38, right: 14, top: 8, bottom: 36 };

/**
 * A histogram as SVG, drawn on the server: no script, no library. Each bar tells its range and count when hovered.
 *
 * @example <Histogram title="Activations" counts={histogram.counts} from={0} to={histogram.maximum} counted="tokens" xLabel="activation" />
 */
export function Histogram({
  title,
  counts,
  from,
  to,
  counted,
  xLabel,
  ticks,
  formatX = String,
  formatEdge = formatNumber,
  colour = 'heat',
}: HistogramProps): React.JSX.Element {
  const highest = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const innerWidth = width - plot.left - plot.right;
  const innerHeight = height - plot.top - plot.bottom;
  const step = innerWidth / Math.max(1, counts.length);
  const x = (value: number): number => plot.left + ((value - from) / (to - from || 1)) * innerWidth;
  const y = (count: number): number => plot.top + innerHeight * (1 - count / highest);
  const edge = (bin: number): string => formatEdge(from + ((to - from) * bin) / counts.length);
  const bars = counts.map((count, bin) =>
    count === 0 ? null : (
      <rect
        key={bin}
        x={round(plot.left + bin * step + 0.5)}
        y={round(Math.min(y(count), y(0) - 1))}
        width={round(Math.max(1, step - 1))}
        height={round(Math.max(1, y(0) - y(count)))}
      >
        <title>{`${edge(bin)} – ${edge(bin + 1)}: ${formatCount(count)} ${counted}`}</title>
      </rect>
    ),
  );
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${title}. ${summary(counts, edge, total, counted)}`}
      className={`histogram histogram-${colour}`}
    >
      {yTicks(highest).map((count) => (
        <g key={count}>
          <line x1={plot.left} x2={width - plot.right} y1={y(count)} y2={y(count)} />
          <text x={plot.left - 6} y={y(count) + 3.5} textAnchor="end">
            {formatCompact(count)}
          </text>
        </g>
      ))}
      <g className="bars">{bars}</g>
      {(ticks ?? roundTicks(from, to)).map((value) => (
        <text key={value} x={round(x(value))} y={height - plot.bottom + 15} textAnchor="middle">
          {formatX(value)}
        </text>
      ))}
      <text x={plot.left + innerWidth / 2} y={height - 4} textAnchor="middle">
        {xLabel} · {formatCount(total)} {counted}
      </text>
    </svg>
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A few round places in [from, to]; both ends when they are one. */
export function roundTicks(from: number, to: number): number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 5) ?? span;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Multiples of the step rather than sums of it, rounded: 0.3, not 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Zero, and one or two round counts below the highest. */
export function yTicks(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].map((factor) => (factor * power) / 2).find((size) => highest / size <= 3) ?? highest;
  const whole = Math.max(1, Math.round(step));
  return [0, whole, 2 * whole, 3 * whole].filter((tick) => tick <= highest);
}

function summary(counts: readonly number[], edge: (bin: number) => string, total: number, counted: string): string {
  if (total === 0) return `No ${counted}.`;
  const fullest = counts.indexOf(Math.max(...counts));
  return `${formatCount(total)} ${counted} in ${counts.length} bins; most lie between ${edge(fullest)} and ${edge(fullest + 1)}.`;
}
