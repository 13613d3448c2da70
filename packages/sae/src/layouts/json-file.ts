import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeFolder } from './folder.ts';

export type JsonObject = Record<string, unknown>;

/** A file that holds one JSON object. @throws SaeFormatError naming the file */
export async function readJson(folder: SaeFolder, file: string): Promise<JsonObject> {
  const text = new TextDecoder().decode(await folder.read(file));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SaeFormatError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof json === 'object' && json && !Array.isArray(json)) return json as JsonObject;
  throw new SaeFormatError(`${file}: holds no object`);
}

/** The same, or null where there is no such file. */
export const readJsonIfThere = async (folder: SaeFolder, file: string): Promise<JsonObject | null> =>
  folder.files.includes(file) ? readJson(folder, file) : null;
