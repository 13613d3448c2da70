import { z } from 'zod';
import { RowError } from '../fields.ts';
import type { ModelRecord, ReleaseRecord, SourceRecord, SourceSetRecord } from '../records.ts';

const schemas = {
  release: z.looseObject({ name: z.string().min(1) }),
  model: z.looseObject({ id: z.string().min(1) }),
  'source-set': z.looseObject({ modelId: z.string().min(1), name: z.string().min(1) }),
  source: z.looseObject({ modelId: z.string().min(1), id: z.string().min(1) }),
} as const;

export type MetadataRole = keyof typeof schemas;

/** The one line of release.jsonl, model.jsonl, sourceset.jsonl or source.jsonl. @throws RowError */
export function metadataRecord(
  role: MetadataRole,
  value: unknown,
): ReleaseRecord | ModelRecord | SourceSetRecord | SourceRecord {
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new RowError(z.prettifyError(parsed.error).replace(/\n\s*/g, ' '));
    // The row itself: its columns keep their order.
    return value as T;
  };
  switch (role) {
    case 'release':
      return { kind: role, row: read(schemas.release) };
    case 'model':
      return { kind: role, row: read(schemas.model) };
    case 'source-set':
      return { kind: role, row: read(schemas['source-set']) };
    case 'source':
      return { kind: role, row: read(schemas.source) };
  }
}
