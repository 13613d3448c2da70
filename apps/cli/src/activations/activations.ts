import type { Model } from '@monosema/model';
import { UsageError } from '../exit.ts';
import { withSaeSession, type SaeSession } from '../sae/sae-session.ts';
import { withSession, type Session } from '../session.ts';
import { textFrom } from '../text-argument.ts';
import type { ActivationsOptions } from './command.ts';
import { contextsOf } from './contexts.ts';
import { showFeatures, showVectors } from './show.ts';
import { writeTensors } from './write-tensors.ts';

/** `monosema activations`: per token, the features of an SAE, or the plain values at hook points; shown or written. */
export async function activations(
  argument: string | undefined,
  options: ActivationsOptions,
  signal: AbortSignal,
): Promise<void> {
  checkOptions(argument, options);
  const text = options.data === undefined ? await textFrom(argument, options.file) : null;
  const { sae, model, engine, threads } = options;
  if (sae === undefined) {
    await withSession(options, (session) => run(session, text, options, signal), signal);
    return;
  }
  const show = (session: SaeSession): Promise<void> => showFeatures(session, idsOf(text ?? '', session.model), options);
  await withSaeSession('--sae', sae, { model, engine, threads }, show, signal);
}

function checkOptions(argument: string | undefined, { sae, hook, out, data, file }: ActivationsOptions): void {
  if (!sae && !hook) throw new UsageError('--sae', 'give an SAE, or a hook point with --hook');
  if (sae && hook) throw new UsageError('--hook', 'is for use without --sae, which has a hook point of its own');
  if (out !== undefined && !out.endsWith('.safetensors'))
    throw new UsageError('--out', `is ${out}, but must end in .safetensors`);
  if (out !== undefined && sae) throw new UsageError('--out', 'is for use with --hook');
  if (hook && hook.length > 1 && out === undefined) throw new UsageError('--hook', 'may be repeated with --out only');
  if (data === undefined) return;
  if (out === undefined) throw new UsageError('--data', 'needs --out, the file that gets the values');
  if (argument !== undefined || file !== undefined) throw new UsageError('--data', 'is for use without a text');
}

async function run(
  session: Session,
  text: string | null,
  options: ActivationsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { hook = [], out } = options;
  if (text === null) {
    const contexts = await contextsOf(options, session.model, signal);
    await writeTensors(session, contexts, { hooks: hook, out: out!, isText: false, signal });
    return;
  }
  const ids = idsOf(text, session.model);
  signal.throwIfAborted();
  if (out !== undefined)
    await writeTensors(session, [Int32Array.from(ids)], { hooks: hook, out, isText: true, signal });
  else await showVectors(session, ids, hook[0]!, options);
}

/** The tokens of a text, BOS before them. @throws UsageError when there are none, or more than the model reads */
export function idsOf(text: string, model: Model, bos = true): number[] {
  const ids = model.tokenizer.encode(text, { bos });
  const { contextSize } = model.config;
  if (text === '') throw new UsageError('<text>', 'is empty');
  if (ids.length > contextSize)
    throw new UsageError('<text>', `is ${ids.length} tokens long, but ${model.id} reads at most ${contextSize}`);
  return ids;
}
