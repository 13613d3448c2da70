import { z } from 'zod';

const addedTokenSchema = z.looseObject({ id: z.number().int().min(0), content: z.string(), special: z.boolean() });

/** Hugging Face's tokenizer.json, as far as it is looked into here; the rest goes to their library as it is. */
export const tokenizerFileSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
  model: z.looseObject({ type: z.string().optional(), vocab: z.unknown() }),
});
export type TokenizerFile = z.infer<typeof tokenizerFileSchema>;

/** A part of a tokenizer.json: a normalizer, a pre-tokenizer, a decoder. */
export type Part = Readonly<Record<string, unknown>> & { readonly type: string };

export const isPart = (value: unknown): value is Part =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Whether a part of a tokenizer.json, or one of its members, is of the type. */
export function mentions(part: unknown, type: string): boolean {
  if (Array.isArray(part)) return part.some((member) => mentions(member, type));
  if (typeof part !== 'object' || part === null) return false;
  return ('type' in part && part.type === type) || Object.values(part).some((member) => mentions(member, type));
}

/** A token in the list of those that are looked for in the text itself, before anything else is done to it. */
export const addedToken = (id: number, content: string, special: boolean): TokenizerFile['added_tokens'][number] => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
});
