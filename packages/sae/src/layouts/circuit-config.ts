import { z } from 'zod';
import type { SaeFolder } from './folder.ts';
import { readYaml } from './yaml-file.ts';

const circuitSchema = z.looseObject({
  model_name: z.string().optional(),
  /** Without "blocks.N.", as in "mlp.hook_in". */
  feature_input_hook: z.string().optional(),
  feature_output_hook: z.string().optional(),
});
export type CircuitConfig = z.infer<typeof circuitSchema>;

/** config.yaml of circuit-tracer: the model, and between which hook points of a layer transcoders lie. */
export const readCircuitConfig = (folder: SaeFolder): Promise<CircuitConfig> =>
  readYaml(folder, 'config.yaml', circuitSchema);
