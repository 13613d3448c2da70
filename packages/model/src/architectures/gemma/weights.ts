import type { TransformerConfig } from '../../transformer/config.ts';
import type { WeightSource } from '../architecture.ts';
import { weightSources as llamaSources } from '../llama/weights.ts';

/** Llama's tensors; gains of norms are kept as their distance from 1. */
export function weightSources(config: TransformerConfig): Record<string, WeightSource> {
  return withUnitGains(llamaSources(config));
}

/** Adds the 1 to every gain. */
export const withUnitGains = (sources: Record<string, WeightSource>): Record<string, WeightSource> =>
  Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [name, isGain(name) ? { ...source, plus: 1 } : source]),
  );

const isGain = (name: string): boolean => /(^|\.)ln(1|2|_final|1_post|2_post)\.w$/.test(name);
