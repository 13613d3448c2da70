export * from './connect.ts';
export * from './ids.ts';
export * from './migrate.ts';
export * from './packing/index.ts';
export * from './search-text.ts';
