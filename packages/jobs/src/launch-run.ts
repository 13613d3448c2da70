import { launchableArchitectures, layerOf, type ModelRecord, type TrainingRequest } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { findOpenRun, getModel, getSource, insertRun, listDataSets, lockSourceName } from '@monosema/db/queries';
import type { Queue } from './queue.ts';

/** What is wrong with a request, by the field of it. */
export interface LaunchIssue {
  path: keyof TrainingRequest;
  message: string;
}

export type LaunchOutcome = { ok: true; runId: string } | { ok: false; issues: LaunchIssue[] };

/**
 * Starts a run: its row, the rows of its stages and its first job, all in one transaction.
 * What the catalog can't do is said by field, and leaves nothing behind.
 *
 * @example
 * const outcome = await launchRun({ db: database.orm, queue }, { request, createdBy: user.id });
 * if (outcome.ok) console.log(`/runs/${outcome.runId}`);
 */
export async function launchRun(
  { db, queue }: { db: Db; queue: Pick<Queue, 'send'> },
  { request, createdBy }: { request: TrainingRequest; createdBy: string | null },
): Promise<LaunchOutcome> {
  return db.transaction(async (tx) => {
    await lockSourceName(tx, request);
    const issues = [...(await catalogIssues(tx, request)), ...(await nameIssues(tx, request))];
    if (issues.length > 0) return { ok: false, issues };
    const runId = await insertRun(tx, { request, createdBy });
    await queue.send(tx, 'train-sae', { runId });
    return { ok: true, runId };
  });
}

async function catalogIssues(tx: Db, request: TrainingRequest): Promise<LaunchIssue[]> {
  const issues: LaunchIssue[] = [];
  if (!(launchableArchitectures as readonly string[]).includes(request.architecture)) {
    const message = `runs train ${list(launchableArchitectures)}, not ${request.architecture}`;
    issues.push({ path: 'architecture', message });
  }
  const dataSets = (await listDataSets(tx)).map((dataSet) => dataSet.id);
  if (!dataSets.includes(request.dataSetId)) {
    issues.push({
      path: 'dataSetId',
      message: `there is no data set "${request.dataSetId}"; there is ${list(dataSets)}`,
    });
  }
  const model = await getModel(tx, request.modelId);
  if (!model) return [...issues, { path: 'modelId', message: `there is no model "${request.modelId}"` }];
  return [...issues, ...modelIssues(model, request)];
}

function modelIssues(model: ModelRecord, request: TrainingRequest): LaunchIssue[] {
  const issues: LaunchIssue[] = [];
  const layer = layerOf(request.hookPoint);
  if (layer !== null && model.layers !== null && layer >= model.layers) {
    const message = `layer ${layer} is out of range: ${model.id} has layers 0 to ${model.layers - 1}`;
    issues.push({ path: 'hookPoint', message });
  } else if (!model.hookPoints.some((hook) => hook.name === request.hookPoint)) {
    const allowed = model.hookPoints.filter((hook) => hook.layer === layer).map((hook) => hook.name);
    const names = allowed.length > 0 ? allowed : model.hookPoints.map((hook) => hook.name);
    issues.push({
      path: 'hookPoint',
      message: `${model.id} has no hook point "${request.hookPoint}"; there is ${list(names)}`,
    });
  } else if (layer !== null && layer !== layerOf(request.sourceId)) {
    const message = `the name of a source on ${request.hookPoint} begins with its layer, as in "${layer}-res-tk"`;
    issues.push({ path: 'sourceId', message });
  }
  if (model.contextSize !== null && request.contextSize > model.contextSize) {
    issues.push({ path: 'contextSize', message: `must be at most ${model.contextSize}, the context of ${model.id}` });
  }
  return issues;
}

async function nameIssues(tx: Db, request: TrainingRequest): Promise<LaunchIssue[]> {
  const place = `${request.modelId}/${request.sourceId}`;
  const open = await findOpenRun(tx, request);
  if (open) return [{ path: 'sourceId', message: `${place} is being made by ${open.id}; choose another name` }];
  if (await getSource(tx, request)) return [{ path: 'sourceId', message: `${place} exists; choose another name` }];
  return [];
}

/** "a, b or c", cut after eight. */
function list(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, 8);
  if (names.length > shown.length) return `${shown.join(', ')} and ${names.length - shown.length} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
