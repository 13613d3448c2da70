import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluationSchema, type Evaluation } from '@monosema/catalog';

export const evaluationFile = 'evaluation.json';

/** What `monosema train` or `evaluate` measured of the SAE of a folder; null where nothing was written, or something else. */
export async function savedEvaluation(folder: string): Promise<Evaluation | null> {
  try {
    return evaluationSchema.parse(JSON.parse(await readFile(join(folder, evaluationFile), 'utf8')));
  } catch {
    return null;
  }
}
