'use client';

import { useEffect, useId, useRef } from 'react';
import type uPlot from 'uplot';
import { formatNumber } from './format-number.ts';
import { chartOptions, columnsOf } from './metric-chart-options.ts';

export interface MetricPoint {
  x: number;
  y: number;
}

export interface MetricChartProps {
  title: string;
  /** Ascending in x. Points whose y is not finite (and, with `logScale`, not positive) leave a gap. */
  points: readonly MetricPoint[];
  /** What y counts, shown beside the last value. */
  unit?: string;
  /** What x counts. */
  xLabel?: string;
  logScale?: boolean;
  /** Height of the drawing in CSS pixels, reserved before it is drawn. */
  height?: number;
}

/**
 * A live curve of one training metric. The drawing library is loaded when the chart is; its place is reserved before.
 *
 * @example <MetricChart title="L0" unit="latents" points={metrics.map(({ step, l0 }) => ({ x: step, y: l0 }))} />
 */
export function MetricChart({
  title,
  points,
  unit,
  xLabel = 'step',
  logScale = false,
  height = 160,
}: MetricChartProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(points);
  const titleId = useId();

  useEffect(() => {
    latest.current = points;
    chart.current?.setData(columnsOf(points, logScale));
  }, [points, logScale]);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let closed = false;
    const draw = async (): Promise<void> => {
      const { default: Plot } = await import('uplot');
      if (closed) return;
      chart.current?.destroy();
      const options = chartOptions(element, { height, logScale, xLabel });
      chart.current = new Plot(options, columnsOf(latest.current, logScale), element);
    };
    void draw();
    const stopWatching = onThemeChange(() => void draw());
    const sizes = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) chart.current?.setSize({ width, height });
    });
    sizes.observe(element);
    return () => {
      closed = true;
      stopWatching();
      sizes.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [height, logScale, xLabel]);

  const last = points.at(-1);
  return (
    <figure className="metric-chart card min-w-0 p-3" aria-labelledby={titleId}>
      <figcaption className="mb-1 flex items-baseline justify-between gap-2">
        <span id={titleId} className="text-sm font-medium">
          {title}
          {logScale && <span className="text-muted font-normal"> · log scale</span>}
        </span>
        <span className="font-mono text-sm">
          {last ? formatNumber(last.y, 4) : '–'}
          {unit && <span className="text-muted"> {unit}</span>}
        </span>
      </figcaption>
      <div ref={host} className="overflow-hidden" style={{ height }} aria-hidden="true" />
    </figure>
  );
}

/** Calls back when the colours of the page change: by the system, or by the toggle's data-theme. */
function onThemeChange(changed: () => void): () => void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', changed);
  const attribute = new MutationObserver(changed);
  attribute.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    dark.removeEventListener('change', changed);
    attribute.disconnect();
  };
}
