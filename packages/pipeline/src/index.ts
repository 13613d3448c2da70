export { DashboardAccumulator, type AccumulatorOptions, type FeatureStatistics } from './dashboard-accumulator.ts';
export { dashboardSettingsSchema, type DashboardSettings, type DashboardSettingsInput } from './settings.ts';
export type { SparseRows } from './sparse-rows.ts';
