import { z } from 'zod';

/** What a dashboard holds. The defaults are the numbers that SAEDashboard and Neuronpedia readers know. */
export const dashboardSettingsSchema = z.object({
  /** Contexts with the highest maximum. */
  topExamples: z.number().int().min(1).max(200).default(20),
  /** Equal-width intervals of [0, maximum] from which further examples come. */
  intervals: z.number().int().min(1).max(20).default(5),
  /** Further examples from each interval: contexts whose maximum lies in it, chosen by a hash of their number. */
  intervalExamples: z.number().int().min(0).max(20).default(2),
  /** Quantiles of the firings from which further examples come; 0 for none. */
  quantiles: z.number().int().min(0).max(20).default(4),
  /** Further examples from each quantile: contexts of firings in it, chosen by a hash of their place. */
  quantileExamples: z.number().int().min(0).max(20).default(2),
  /** Features that fire on the same tokens, and those whose decoder directions are nearest: lengths of the lists. */
  coFiring: z.number().int().min(0).max(100).default(10),
  nearest: z.number().int().min(0).max(100).default(10),
  /** Largest coordinates of the decoder direction. */
  alignment: z.number().int().min(0).max(100).default(3),
  histogramBins: z.number().int().min(1).max(1000).default(50),
  topTokens: z.number().int().min(1).max(100).default(10),
  /** Bins of the histogram of logit effects. */
  logitBins: z.number().int().min(1).max(1000).default(50),
  /** Length of the top and of the bottom logit list. */
  logits: z.number().int().min(1).max(100).default(10),
  /**
   * Which tokens the logit lists rank: those that the scanned text holds, or the whole vocabulary, as SAEDashboard does.
   * What a model never read in training has no learned embedding, and fills lists with noise.
   */
  logitTokens: z.enum(['seen', 'all']).default('seen'),
  /** Contexts per model forward. */
  batchContexts: z.number().int().min(1).max(4096).default(16),
});
export type DashboardSettings = z.infer<typeof dashboardSettingsSchema>;
export type DashboardSettingsInput = z.input<typeof dashboardSettingsSchema>;
