import { eq, sql } from 'drizzle-orm';
import type { SteeringPreview } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { steeringBaselines, steeringPreviews } from '../schema/index.ts';

interface Baseline {
  promptIndex: number;
  prompt: string;
  continuation: string;
}

/** Stores the prompts of a build's previews and their continuations without steering. Again is an overwrite. */
export async function putBaselines(
  db: Db,
  buildId: number,
  baselines: readonly { prompt: string; continuation: string }[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(steeringBaselines).where(eq(steeringBaselines.buildId, buildId));
    if (baselines.length === 0) return;
    await tx.insert(steeringBaselines).values(baselines.map((row, promptIndex) => ({ buildId, promptIndex, ...row })));
  });
}

/**
 * Stores the steered continuations of some features; what they had is replaced.
 * Prompts and baselines are not stored with them: they must be those of putBaselines.
 */
export async function putPreviews(
  db: Db,
  buildId: number,
  features: readonly { index: number; previews: readonly SteeringPreview[] }[],
): Promise<void> {
  if (features.length === 0) return;
  const rows = features.map(({ index, previews }) => ({
    buildId,
    index,
    previews: previews.map(({ promptIndex, strength, steered }) => ({ promptIndex, strength, steered })),
  }));
  await db
    .insert(steeringPreviews)
    .values(rows)
    .onConflictDoUpdate({
      target: [steeringPreviews.buildId, steeringPreviews.index],
      set: { previews: sql`excluded.previews` },
    });
}

/** The features of a build that have previews: an interrupted worker goes on from there. */
export async function listPreviewedFeatures(db: Db, buildId: number): Promise<number[]> {
  const rows = await db
    .select({ index: steeringPreviews.index })
    .from(steeringPreviews)
    .where(eq(steeringPreviews.buildId, buildId));
  return rows.map((row) => row.index);
}

/** A build's baselines as one value, for a statement that reads other things too. */
export const baselinesOf = (buildId: number) => sql<Baseline[] | null>`(
  select json_agg(json_build_object(
    'promptIndex', b.prompt_index, 'prompt', b.prompt, 'continuation', b.continuation))
  from ${steeringBaselines} b where b.build_id = ${buildId})`;

/** Previews as readers see them: each beside its baseline, by prompt and strength. */
export function previewsOf(
  baselines: readonly Baseline[] | null,
  previews: (typeof steeringPreviews.$inferSelect)['previews'] | null,
): SteeringPreview[] {
  const byPrompt = new Map(baselines?.map((baseline) => [baseline.promptIndex, baseline]));
  return (previews ?? [])
    .flatMap(({ promptIndex, strength, steered }) => {
      const baseline = byPrompt.get(promptIndex);
      if (!baseline) return [];
      return [{ promptIndex, prompt: baseline.prompt, strength, baseline: baseline.continuation, steered }];
    })
    .sort((a, b) => a.promptIndex - b.promptIndex || a.strength - b.strength);
}
