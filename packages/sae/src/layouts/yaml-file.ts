import { parse } from 'yaml';
import type { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeFolder } from './folder.ts';

/** A YAML file of a folder, checked. @throws SaeFormatError naming the file and the field */
export async function readYaml<T extends z.ZodType>(folder: SaeFolder, file: string, schema: T): Promise<z.infer<T>> {
  const text = new TextDecoder().decode(await folder.read(file));
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new SaeFormatError(`${file} is not YAML: ${(error as Error).message}`);
  }
  return checkFields(file, schema, value);
}

/** What a file says, checked. @throws SaeFormatError naming the file and the field */
export function checkFields<T extends z.ZodType>(file: string, schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw new SaeFormatError(`${file}: ${issues.join('; ')}`);
}
