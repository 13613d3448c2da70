export * from './catalog.ts';
export * from './community.ts';
export * from './imports.ts';
export * from './runs.ts';
export * from './search.ts';
