import type { EngineName } from '@monosema/engine';
import type { SaeParameters } from '../sae.ts';
import type { TrainingConduct } from './options.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { TrainingPlan } from './plan.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { hasSparseStep, openSparseTrainer } from './sparse-trainer.ts';
import type { Trainer } from './trainer.ts';

/** Engines whose programs run on a graphics card. */
const onCard: readonly EngineName[] = ['onnx-cuda', 'onnx-webgpu', 'tfjs-gpu', 'tfjs-webgpu'];

/** The quickest trainer of a plan's SAE: the sparse step of the processor where there is one and no card, else the program. */
export function openTrainer(
  { engine, threads = engine.threads }: Pick<TrainingConduct, 'engine' | 'threads'>,
  { config, request, settings }: Pick<TrainingPlan, 'config' | 'request' | 'settings'>,
  parameters: SaeParameters,
  state: OptimiserState | undefined,
): Promise<Trainer> {
  const { loss: rules, optimiser } = settings;
  const common = { batch: request.batchTokens, rules, optimiser, parameters, ...(state && { state }) };
  if (!onCard.includes(engine.name) && hasSparseStep(config, rules, common.batch))
    return openSparseTrainer({ ...common, config, threads });
  return openProgramTrainer({ ...common, engine, config });
}
