export { buildDashboardsHandler } from './handle.ts';
