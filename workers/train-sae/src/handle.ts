import type { ArtifactStore } from '@monosema/artifacts';
import type { Evaluation } from '@monosema/catalog';
import { computeStage, type ComputeEnv, type Tools } from '@monosema/compute-stage';
import { deleteCheckpoint } from '@monosema/db/queries';
import { EngineError } from '@monosema/engine';
import { asUnusable, orUnusable, type RunContext, type StageEnd, type StageHandler } from '@monosema/jobs';
import { trainSae, type TrainingEvent } from '@monosema/sae/training';
import { keepCheckpoint, putFiles, readCheckpoint } from './checkpoints.ts';
import { openTrainingData } from './training-data.ts';

/** At least this often in steps, and ten times a run, the state is saved for another worker to go on from. */
const checkpointEverySteps = 500;

/**
 * Trains the SAE that a run asks for and measures it. Killed at any instant, it goes on from the last checkpoint to
 * the same weights.
 *
 * @example startWorker({ stage: 'train-sae', env, handler: trainSaeHandler })
 */
export const trainSaeHandler = (env: ComputeEnv): StageHandler => computeStage(env, train);

async function train(context: RunContext, { engine, artifacts }: Tools): Promise<StageEnd> {
  const { request, signal, log } = context;
  const data = await orUnusable(openTrainingData(request));
  const resume = await readCheckpoint(context, artifacts);
  if (resume) log.info({ step: resume.step }, 'training goes on from a checkpoint');
  const steps = Math.floor(request.trainingTokens / request.batchTokens);
  const events = trainSae({
    ...data,
    request,
    engine,
    signal,
    checkpointEverySteps: Math.min(checkpointEverySteps, Math.max(1, Math.ceil(steps / 10))),
    ...(resume && { resume: resume.files }),
  });
  return {
    result: { ...(await follow(context, artifacts, events)), engine: engine.description },
    publish: (tx) => deleteCheckpoint(tx, context.runId),
  };
}

interface Trained {
  evaluation: Evaluation | null;
  checkpoint: Record<string, string>;
}

async function follow(
  context: RunContext,
  artifacts: ArtifactStore,
  events: AsyncGenerator<TrainingEvent>,
): Promise<Trained> {
  const total = context.request.trainingTokens;
  let evaluation: Evaluation | null = null;
  let checkpoint: Record<string, string> | null = null;
  for await (const event of ofRequest(events)) {
    switch (event.kind) {
      case 'metrics':
        await context.metrics([event.metrics]);
        await context.report({ done: Math.min(event.metrics.tokens, total), total, unit: 'tokens' });
        break;
      case 'checkpoint':
        await keepCheckpoint(context, artifacts, event);
        break;
      case 'evaluation':
        evaluation = event.evaluation;
        break;
      case 'done':
        checkpoint = await putFiles(artifacts, event.files);
        break;
    }
  }
  if (!checkpoint) throw new Error('training ended without an SAE');
  return { evaluation, checkpoint };
}

/** Of what goes wrong in training itself, only a crash of the engine may go better another time. */
async function* ofRequest(events: AsyncGenerator<TrainingEvent>): AsyncGenerator<TrainingEvent> {
  try {
    yield* events;
  } catch (error) {
    throw error instanceof EngineError ? error : asUnusable(error);
  }
}
