import type { SaeParameters } from '../sae.ts';
import type { TrainingConduct } from './options.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { TrainingPlan } from './plan.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { isSparseStep, openTopKTrainer } from './topk-trainer.ts';
import type { Trainer } from './trainer.ts';

/** The quickest trainer of a plan's SAE: a sparse step where there is one, else the program. */
export function openTrainer(
  { engine, threads = engine.threads }: Pick<TrainingConduct, 'engine' | 'threads'>,
  { config, request, settings }: Pick<TrainingPlan, 'config' | 'request' | 'settings'>,
  parameters: SaeParameters,
  state: OptimiserState | undefined,
): Promise<Trainer> {
  const common = { batch: request.batchTokens, parameters, ...(state && { state }) };
  if (isSparseStep(config, settings)) {
    const { auxCoefficient } = settings.loss;
    return openTopKTrainer({ ...common, config, threads, auxCoefficient });
  }
  return openProgramTrainer({ ...common, engine, config, rules: settings.loss, optimiser: settings.optimiser });
}
