import { useMemo } from 'react';
import type { TrainingMetrics } from '@monosema/catalog';
import { MetricChart } from '@monosema/ui';

type Curve = {
  title: string;
  metric: 'loss' | 'l0' | 'explainedVariance' | 'deadFeatures';
  unit?: string;
  logScale?: boolean;
};

const curves: readonly Curve[] = [
  { title: 'Loss', metric: 'loss', logScale: true },
  { title: 'L0', metric: 'l0', unit: 'latents per token' },
  { title: 'Explained variance', metric: 'explainedVariance' },
  { title: 'Dead features', metric: 'deadFeatures' },
];

/** How training goes, by step, on the batches it learns from. */
export function MetricCharts({ metrics }: { metrics: TrainingMetrics[] }) {
  const last = metrics.at(-1);
  return (
    <section aria-labelledby="training-curves" className="space-y-2">
      <div className="flex items-baseline justify-between gap-4">
        <h2 id="training-curves">Training</h2>
        <p className="text-sm text-muted">
          {last
            ? `step ${last.step.toLocaleString('en')} · ${last.tokens.toLocaleString('en')} tokens · ${Math.round(last.tokensPerSecond).toLocaleString('en')} tokens/s`
            : 'no steps yet'}
        </p>
      </div>
      <div className="grid gap-4 md:grid-cols-2">
        {curves.map((curve) => (
          <CurveChart key={curve.metric} curve={curve} metrics={metrics} />
        ))}
      </div>
    </section>
  );
}

function CurveChart({ curve, metrics }: { curve: Curve; metrics: TrainingMetrics[] }) {
  const { title, metric, unit, logScale } = curve;
  const points = useMemo(() => metrics.map((row) => ({ x: row.step, y: row[metric] })), [metrics, metric]);
  return <MetricChart title={title} unit={unit} logScale={logScale} points={points} />;
}
