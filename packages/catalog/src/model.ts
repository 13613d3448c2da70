import { z } from 'zod';
import { modelIdSchema } from './address.ts';

/** A language model of the catalog. */
export const modelRecordSchema = z.object({
  id: modelIdSchema,
  displayName: z.string().min(1),
  /** Family of the model: "gpt2", "llama"; null where an import did not say. */
  architecture: z.string().min(1).nullable(),
  /** Null where an import did not say, here and in the next three. */
  layers: z.number().int().positive().nullable(),
  dModel: z.number().int().positive().nullable(),
  vocabularySize: z.number().int().positive().nullable(),
  contextSize: z.number().int().positive().nullable(),
  /** Where the weights come from, and on what terms. */
  origin: z.string().nullable(),
  licence: z.string().nullable(),
  /** Hook points at which an SAE can be trained, TransformerLens names, with the width of each. */
  hookPoints: z.array(z.object({ name: z.string(), layer: z.number().int().nullable(), width: z.number().int() })),
});
export type ModelRecord = z.infer<typeof modelRecordSchema>;

/** A data set of the catalog: text that models read. */
export const dataSetRecordSchema = z.object({
  id: z.string().min(1),
  displayName: z.string().min(1),
  origin: z.string().nullable(),
  licence: z.string().nullable(),
});
export type DataSetRecord = z.infer<typeof dataSetRecordSchema>;
