import { z } from 'zod';

/** Beside a converted SAE: where it is from, and what became of it on the way. */
export const conversionFile = 'conversion.json';

const conversionSchema = z.object({
  layout: z.string(),
  provenance: z.object({
    repository: z.string().nullable(),
    revision: z.string().nullable(),
    path: z.string(),
    files: z.array(z.object({ name: z.string(), sha256: z.string() })).readonly(),
  }),
  notes: z.array(z.object({ kind: z.string(), message: z.string() })).readonly(),
});
export type Conversion = z.infer<typeof conversionSchema>;

/** What a conversion.json says; null where it is none. */
export function readConversion(bytes: Uint8Array | undefined): Conversion | null {
  try {
    return conversionSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
