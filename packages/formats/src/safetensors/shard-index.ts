import { z } from 'zod';
import { FormatError } from '../format-error.ts';
import { duplicateKey } from './duplicate-key.ts';
import { safetensorsLimits as limits } from './limits.ts';

/** A file of the same folder: no path, so that an index cannot reach elsewhere. */
const fileName = z
  .string()
  .max(limits.nameLength)
  .regex(/^(?!\.)[^/\\\0]+\.safetensors$/, 'must be the name of a .safetensors file of the same folder');
const indexSchema = z.looseObject({ weight_map: z.record(z.string().max(limits.nameLength), fileName) });

/**
 * The file of each tensor, from the text of a `model.safetensors.index.json`. The files themselves are not looked at.
 *
 * @throws FormatError when it is no such index, or a file name is a path
 * @example readShardIndex(await readFile('model.safetensors.index.json', 'utf8')).get('lm_head.weight') // "model-00002-of-00002.safetensors"
 */
export function readShardIndex(json: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new FormatError(`safetensors index: not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = indexSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FormatError(`safetensors index: ${issue?.path.join('.') || 'index'}: ${issue?.message}`);
  }
  const twice = duplicateKey(json);
  if (twice !== null) throw new FormatError(`safetensors index: "${twice}" stands twice`);
  return new Map(Object.entries(parsed.data.weight_map));
}
