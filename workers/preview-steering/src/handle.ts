import type { SteeringPreview } from '@monosema/catalog';
import { computeStage, readSae, type Tools } from '@monosema/compute-stage';
import { bestFeatures, findBuildOfRun, listPreviewedFeatures, putBaselines, putPreviews } from '@monosema/db/queries';
import { openModelFolder } from '@monosema/hub';
import { orUnusable, type RunContext, type StageHandler } from '@monosema/jobs';
import { loadModel } from '@monosema/model';
import { defaultSteeringMultiples, defaultSteeringPrompts, previewSteering } from '@monosema/pipeline';
import type { PreviewSteeringEnv } from './env.ts';

const prompts = defaultSteeringPrompts;
const multiples = defaultSteeringMultiples;
const newTokens = 32;
const tokensPerFeature = prompts.length * multiples.length * newTokens;

type Env = Pick<PreviewSteeringEnv, 'MONOSEMA_DATA' | 'MONOSEMA_ENGINE' | 'MONOSEMA_STEERING_TOKENS'>;

/**
 * Stores steered continuations of a published source's live features, best-scored first, as far as the token budget
 * reaches. A second attempt goes on with the features that have none yet.
 */
export function previewSteeringHandler(env: Env): StageHandler {
  const mostFeatures = Math.floor(env.MONOSEMA_STEERING_TOKENS / tokensPerFeature);
  return computeStage(env, async (context, tools) => {
    await preview(context, tools, mostFeatures);
    return {};
  });
}

async function preview(context: RunContext, { engine, artifacts }: Tools, mostFeatures: number): Promise<void> {
  const { db, runId, request, signal } = context;
  const build = await findBuildOfRun(db, runId);
  if (!build?.published) throw new Error(`${runId} has published nothing to steer with`);
  const chosen = mostFeatures > 0 ? await bestFeatures(db, build.id, mostFeatures) : [];
  const before = new Set(await listPreviewedFeatures(db, build.id));
  const features = chosen.filter(({ index }) => !before.has(index));
  const total = chosen.length;
  let done = total - features.length;
  await context.report({ done, total, unit: 'features' });
  if (features.length === 0) return;

  const sae = await readSae(context, artifacts);
  const model = await orUnusable(openModelFolder(request.modelId).then(loadModel));
  let ready: { index: number; previews: SteeringPreview[] }[] = [];
  for await (const event of previewSteering({ engine, model, sae, features, prompts, multiples, newTokens, signal })) {
    if (event.kind === 'baselines') {
      const baselines = event.baselines.map((continuation, i) => ({ prompt: prompts[i]!, continuation }));
      await context.fenced((tx) => putBaselines(tx, build.id, baselines));
    } else if (event.kind === 'previews') {
      ready.push(event);
    } else {
      const going = ready;
      ready = [];
      await context.fenced((tx) => putPreviews(tx, build.id, going));
      done += going.length;
      await context.report({ done, total, unit: 'features' });
    }
  }
}
