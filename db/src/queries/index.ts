export * from './auth.ts';
export * from './run-stages.ts';
export * from './run-training.ts';
export * from './runs.ts';
export * from './statement.ts';
