import path from 'node:path';

/**
 * The folder for engines that are not part of the library: MONOSEMA_ENGINES, or `engines` in the data folder
 * (MONOSEMA_DATA; by default `.monosema` where the process runs, as `npm start` has it).
 */
export function enginesFolder(environment: Record<string, string | undefined> = process.env): string {
  const data = environment['MONOSEMA_DATA'] || '.monosema';
  return path.resolve(environment['MONOSEMA_ENGINES'] || path.join(data, 'engines'));
}
