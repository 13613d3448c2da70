import { text as readAll } from 'node:stream/consumers';
import { hookPointNamed, type Model } from '@monosema/model';
import { hookValues, tokenFeatures, topFeatures, type TokenFeatures } from '@monosema/pipeline';
import { forOption, UsageError } from '../exit.ts';
import { openSae, withSession, type Session } from '../session.ts';
import { writeJson } from '../terminal.ts';
import type { ActivationsOptions } from './command.ts';

/** `monosema activations`: per token, the features of an SAE, or the plain vector at a hook point. */
export async function activations(argument: string, options: ActivationsOptions, signal: AbortSignal): Promise<void> {
  if (!options.sae && !options.hook) throw new UsageError('--sae', 'give an SAE folder, or a hook point with --hook');
  if (options.sae && options.hook)
    throw new UsageError('--hook', 'is for use without --sae, which has a hook point of its own');
  const text = argument === '-' ? await readAll(process.stdin) : argument;
  await withSession(options, async (session) => {
    const ids = idsOf(text, session.model);
    signal.throwIfAborted();
    if (options.sae) await showFeatures(session, ids, options.sae, options);
    else await showVectors(session, ids, options);
  });
}

function idsOf(text: string, model: Model): number[] {
  const ids = model.tokenizer.encode(text, { bos: true });
  const { contextSize } = model.config;
  if (text === '') throw new UsageError('<text>', 'is empty');
  if (ids.length > contextSize)
    throw new UsageError('<text>', `is ${ids.length} tokens long, but ${model.id} reads at most ${contextSize}`);
  return ids;
}

async function showFeatures(
  { engine, model }: Session,
  ids: number[],
  folder: string,
  { top, json }: ActivationsOptions,
): Promise<void> {
  const sae = await openSae(folder, model);
  const tokens = await tokenFeatures({ engine, model, sae, ids });
  const texts = model.tokenizer.vocabulary.textsOf(ids);
  const best = topFeatures(tokens, top);
  if (json) {
    writeJson({ tokens: tokens.map(({ id, features }, i) => ({ id, text: texts[i], features })), features: best });
    return;
  }
  process.stdout.write(`${featureTable(tokens, texts, top)}\nstrongest features\n`);
  for (const { index, maximum, token } of best)
    process.stdout.write(`  ${index}  ${maximum.toFixed(2)} on ${shown(texts[token]!)}\n`);
}

function featureTable(tokens: readonly TokenFeatures[], texts: readonly string[], top: number): string {
  const rows = tokens.map(({ features, counted }, i) => {
    const list = features.slice(0, top).map(({ index, value }) => `${index}:${value.toFixed(2)}`);
    return `${shown(texts[i]!).padEnd(14)} ${counted ? list.join('  ') : '(not counted)'}\n`;
  });
  return rows.join('');
}

async function showVectors(
  { engine, model }: Session,
  ids: number[],
  { hook, json }: ActivationsOptions,
): Promise<void> {
  const { name, width } = await forOption('--hook', () => hookPointNamed(model, hook!));
  const values = await hookValues({ engine, model, hookPoint: name, ids });
  const texts = model.tokenizer.vocabulary.textsOf(ids);
  const rows = ids.map((id, i) => ({ id, text: texts[i]!, values: values.subarray(i * width, (i + 1) * width) }));
  if (json) {
    writeJson({ hookPoint: name, tokens: rows.map((row) => ({ ...row, values: [...row.values] })) });
    return;
  }
  for (const row of rows)
    process.stdout.write(`${shown(row.text).padEnd(14)} norm ${Math.hypot(...row.values).toFixed(3)}\n`);
}

/** A token with its spaces and line breaks to be seen. */
function shown(text: string): string {
  return JSON.stringify(text);
}
