import type { FeatureRecord, SourceRecord } from '@monosema/catalog';
import { computeStage, readSae, type ComputeEnv, type Tools } from '@monosema/compute-stage';
import { createBuild, insertFeatures, publishBuild, putTokenSet, putVocabulary } from '@monosema/db/queries';
import { openModelFolder } from '@monosema/hub';
import { orUnusable, type RunContext, type StageEnd, type StageHandler } from '@monosema/jobs';
import { loadModel, tokenContexts } from '@monosema/model';
import { buildDashboards } from '@monosema/pipeline';
import { openDataSet } from '@monosema/sample-data';

/**
 * Makes the dashboards of a run's SAE and shows them to everybody in the instant in which the stage is settled.
 * What a killed attempt left is removed by the next.
 */
export const buildDashboardsHandler = (env: ComputeEnv): StageHandler => computeStage(env, build);

async function build(context: RunContext, { engine, artifacts }: Tools): Promise<StageEnd> {
  const { db, request, signal } = context;
  const { modelId, dataSetId, contextSize } = request;
  const sae = await readSae(context, artifacts);
  const model = await orUnusable(openModelFolder(modelId).then(loadModel));
  const dataSet = await orUnusable(openDataSet(dataSetId));
  const contexts = tokenContexts(model.tokenizer, dataSet.documents('train'), contextSize);
  // Both are the same whoever writes them, so that they need no fence.
  await putVocabulary(db, modelId, model.tokenizer.vocabulary);
  const tokenSetId = await putTokenSet(db, { dataSetId, modelId, contextSize, contexts });

  const tokens = contexts.length * contextSize;
  const source: SourceRecord = {
    modelId,
    id: request.sourceId,
    architecture: sae.config.architecture,
    dSae: sae.config.dSae,
    hookPoint: sae.config.contract.hookPoint,
    contract: sae.config.contract,
    evaluation: context.result.evaluation ?? null,
    provenance: null,
    runId: context.runId,
  };
  const buildId = await context.fenced((tx) => createBuild(tx, { source, tokenSetId, tokens }));
  const best = new BestFeature();
  for await (const event of buildDashboards({ engine, model, sae, contexts, signal })) {
    if (event.kind === 'progress') {
      await context.report({ done: event.done, total: event.total, unit: 'tokens' });
    } else {
      await context.fenced((tx) => insertFeatures(tx, buildId, event.features));
      event.features.forEach((feature) => best.see(feature));
    }
  }
  return {
    result: { liveFeatures: best.live, bestFeature: best.index },
    publish: (tx) => publishBuild(tx, buildId),
  };
}

/** Counts live features, and keeps the best-scored; of equals the first. */
class BestFeature {
  live = 0;
  index: number | null = null;
  private score = -1;

  see({ index, firings, score }: FeatureRecord): void {
    if (firings === 0) return;
    this.live++;
    if (score <= this.score) return;
    this.score = score;
    this.index = index;
  }
}
