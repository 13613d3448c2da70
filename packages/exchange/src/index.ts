export { folderFiles, memoryFiles } from './files/folder-files.ts';
export type { FolderListing, ImportFile, ImportFiles } from './files/import-files.ts';
export { findImports } from './find-imports.ts';
export { ImportError, type ImportProblem } from './import-error.ts';
export type { ImportLayout, ImportPart, ImportPlan, PartRole } from './import-plan.ts';
export { readImport, type ReadImportOptions } from './read-import.ts';
export type * from './records.ts';
