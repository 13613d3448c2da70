export * from './connect.ts';
export * from './ids.ts';
export * from './migrate.ts';
