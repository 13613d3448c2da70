export { importSource, type ImportOptions, type ImportProgress, type ImportReport } from './import/import-source.ts';
