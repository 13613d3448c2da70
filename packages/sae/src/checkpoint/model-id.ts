import { modelIdSchema } from '@monosema/catalog';
import { SaeFormatError } from './format-error.ts';
import type { LoadNotes } from './load-note.ts';

/**
 * `google/gemma-2-2b` is gemma-2-2b here: ids are parts of URLs.
 * @throws SaeFormatError for a name that cannot be one, naming the field it stands in
 */
export function modelIdOf(name: string, notes: LoadNotes, field = 'cfg.json: metadata.model_name'): string {
  const id = (name.split('/').at(-1) ?? name).toLowerCase();
  if (!modelIdSchema.safeParse(id).success) throw new SaeFormatError(`${field}: ${name} is no model's name`);
  if (id !== name) notes.add('renamed', 'model_name', `model ${name} is called ${id} here`);
  return id;
}
