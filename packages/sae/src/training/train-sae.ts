import type { TrainingEvent, TrainingOptions } from './options.ts';
import { trainSaes } from './train-saes.ts';

/**
 * Trains an SAE on a model's activations and measures it on held-out text. Yields metrics every few steps and at the
 * last one, checkpoints, then the evaluation, then the SAE. The same request, engine and text give the same weights,
 * bit by bit, also when the run was killed and resumed from a checkpoint in between.
 *
 * Special tokens (BOS among them) are not trained on. Any architecture; what it is saved as is `inferenceSae`. By default
 * (`houseSettings`) Adam at a constant rate with linear decay over the last fifth, unit decoder rows, an auxiliary loss
 * for dead latents of TopK kinds, sparsity penalties warmed up over 5 % of the steps; `settings` say otherwise.
 *
 * @throws Error naming the field when the request, the contexts or the checkpoint are wrong; the signal's reason on abort
 * @example
 * for await (const event of trainSae({ request, model, engine, trainContexts, heldOutContexts }))
 *   if (event.kind === 'done') await writeFiles('my-sae', event.files);
 */
export async function* trainSae({
  request,
  settings,
  resume,
  ...options
}: TrainingOptions): AsyncGenerator<TrainingEvent> {
  const run = { request, ...(settings && { settings }), ...(resume && { resume }) };
  for await (const { run: _, name: __, ...event } of trainSaes({ ...options, runs: [run] }))
    if (event.kind === 'failed') throw event.error;
    else yield event;
}
