import path from 'node:path';

/** The folder that holds the root package.json. */
export const projectRoot = path.resolve(import.meta.dirname, '../../..');
