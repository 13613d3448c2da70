export type { LoadNote } from '../checkpoint/load-note.ts';
export { diskFolder, memoryFolder, partOf, type ClosableSource, type SaeFolder } from '../layouts/folder.ts';
export { layoutNames, type LayoutHints, type LayoutName, type SaidOfInput } from '../layouts/layout.ts';
export { openSae, type OpenedSae, type OpenSaeOptions, type SaeProvenance, type SaeReference } from './open-sae.ts';
export type { PublishedName } from './published-entry.ts';
export type { ReadFile } from './recorded-folder.ts';
