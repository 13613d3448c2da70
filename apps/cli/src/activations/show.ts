import { hookPointNamed } from '@monosema/model';
import { hookValues, tokenFeatures, topFeatures, type TokenFeatures } from '@monosema/pipeline';
import { forOption } from '../exit.ts';
import type { SaeSession } from '../sae/sae-session.ts';
import type { Session } from '../session.ts';
import { writeJson } from '../terminal.ts';
import { shown } from '../text-argument.ts';

interface ShowOptions {
  top: number;
  json?: boolean;
}

/** The features of an SAE on each token, and the strongest in all. */
export async function showFeatures(
  { engine, model, sae }: SaeSession,
  ids: number[],
  { top, json }: ShowOptions,
): Promise<void> {
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

/** The vector at a hook point for each token. */
export async function showVectors(
  { engine, model }: Session,
  ids: number[],
  hook: string,
  { json }: Pick<ShowOptions, 'json'>,
): Promise<void> {
  const { name, width } = await forOption('--hook', () => hookPointNamed(model, hook));
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
