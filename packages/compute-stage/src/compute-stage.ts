import { join } from 'node:path';
import { openArtifacts, type ArtifactStore } from '@monosema/artifacts';
import { openEngine, parseEngineName, type Engine } from '@monosema/engine';
import type { RunContext, StageEnd, StageHandler, WorkerEnv } from '@monosema/jobs';

export type ComputeEnv = Pick<WorkerEnv, 'MONOSEMA_DATA' | 'MONOSEMA_ENGINE'>;

/** What a stage computes with. */
export interface Tools {
  readonly engine: Engine;
  readonly artifacts: ArtifactStore;
}

/**
 * A handler whose work has an engine, opened for each run and closed behind it, and the artifacts of the data folder.
 *
 * @throws EngineError at once where MONOSEMA_ENGINE names no engine
 * @example export const trainSaeHandler = (env: ComputeEnv) => computeStage(env, train)
 */
export function computeStage(
  env: ComputeEnv,
  work: (context: RunContext, tools: Tools) => Promise<StageEnd>,
): StageHandler {
  const artifacts = openArtifacts(join(env.MONOSEMA_DATA, 'artifacts'));
  const name = env.MONOSEMA_ENGINE === undefined ? undefined : parseEngineName(env.MONOSEMA_ENGINE);
  return async (context) => {
    const engine = await openEngine(name && { engine: name });
    context.log.info({ engine: engine.description }, 'engine opened');
    try {
      return await work(context, { engine, artifacts });
    } finally {
      await engine.close();
    }
  };
}
