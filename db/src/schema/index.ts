export * from './catalog.ts';
export * from './community.ts';
export * from './runs.ts';
export * from './search.ts';
