import { z } from 'zod';

/** The learning rate over the steps of a run: warm-up, then `kind`, then decay to zero. Defaults are SAELens's. */
export const scheduleRulesSchema = z.object({
  kind: z.enum(['constant', 'cosineannealing', 'cosineannealingwarmrestarts']).default('constant'),
  /** Steps over which it rises linearly to its peak, which the last of them has. */
  warmUpSteps: z.number().int().min(0).default(0),
  /** Last steps, over which it falls linearly to zero. */
  decaySteps: z.number().int().min(0).default(0),
  /** Where cosines end, as a share of the peak. */
  endShare: z.number().min(0).max(1).default(0.1),
  /** Cosines of `cosineannealingwarmrestarts`. */
  cycles: z.number().int().min(1).default(1),
});
export type ScheduleRules = z.infer<typeof scheduleRulesSchema>;
export type ScheduleRulesInput = z.input<typeof scheduleRulesSchema>;
