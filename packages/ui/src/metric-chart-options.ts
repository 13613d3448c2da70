import type uPlot from 'uplot';
import { formatCompact, formatNumber } from './format-number.ts';
import type { MetricPoint } from './metric-chart.tsx';

/** Points as uPlot wants them: x and y columns, null where there is nothing to draw. */
export function columnsOf(points: readonly MetricPoint[], logScale: boolean): uPlot.AlignedData {
  const drawable = (y: number): boolean => Number.isFinite(y) && (!logScale || y > 0);
  return [points.map(({ x }) => x), points.map(({ y }) => (drawable(y) ? y : null))];
}

/**
 * What the y axis shows: some room around the values, 0 at the bottom when they come near it, and at least a fiftieth of
 * their size, so that a value that hardly moves is a level line and not noise with the same label at every tick.
 *
 * @example yRange(7.9998, 8) // [7.92, 8.08]
 */
export function yRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const least = 0.02 * Math.max(Math.abs(min), Math.abs(max)) || 1;
  if (max - min < least) return [(min + max - least) / 2, (min + max + least) / 2];
  const room = 0.1 * (max - min);
  return [min >= 0 && min < room ? 0 : min - room, max + room];
}

/** A line chart in the colours that the page has now. */
export function chartOptions(
  host: HTMLElement,
  { height, logScale, xLabel }: { height: number; logScale: boolean; xLabel: string },
): uPlot.Options {
  const colour = (name: string): string => resolvedColour(host, name);
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: Math.max(1, Math.floor(host.clientWidth)),
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false } },
    padding: [8, 8, 0, 0],
    scales: { x: { time: false }, y: logScale ? { distr: 3 } : { range: (_, min, max) => yRange(min, max) } },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : formatCompact(tick))),
      },
      {
        ...axis,
        size: 46,
        gap: 6,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : formatNumber(tick))),
      },
    ],
    series: [{ label: xLabel }, { stroke: colour('--accent'), width: 1.5, points: { show: false } }],
    plugins: [readout(xLabel)],
  };
}

/** The value under the pointer, in a corner of the drawing. */
function readout(xLabel: string): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'metric-chart-readout';
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const index = plot.cursor.idx;
        const x = index == null ? undefined : plot.data[0][index];
        const y = index == null ? undefined : plot.data[1]?.[index];
        box.textContent = x == null || y == null ? '' : `${xLabel} ${x.toLocaleString('en')}: ${formatNumber(y, 4)}`;
      },
    },
  };
}

/** Canvas knows no variables: let the browser work the colour out. */
function resolvedColour(host: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
