export * from './byte-stream.ts';
export * from './connect.ts';
export * from './ids.ts';
export * from './migrate.ts';
export * from './packing.ts';
export * from './search-text.ts';
