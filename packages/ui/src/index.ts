export * from './format-number.ts';
export { MetricChart, type MetricChartProps, type MetricPoint } from './metric-chart.tsx';
