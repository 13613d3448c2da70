export type { ApiContext, SessionUser } from './context.ts';
export { fieldsOf, nearestOf, type FieldMessages } from './errors.ts';
export type { ExampleView, FeatureView } from './feature/feature-view.ts';
export { openApi, type Api } from './open-api.ts';
export { appRouter, createCaller, type AppRouter } from './router.ts';
export type { RunEvent, RunStageView, RunView } from './run/run-view.ts';
export type { TokenText } from './token-text.ts';
