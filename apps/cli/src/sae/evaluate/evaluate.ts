import type { Model } from '@monosema/model';
import type { Sae } from '@monosema/sae';
import { evaluateSaeWithFeatures, toSaebenchCore } from '@monosema/sae/evaluation';
import { contextsOf, isBundledData } from '../../activations/contexts.ts';
import { forOption, UsageError } from '../../exit.ts';
import { table } from '../../table.ts';
import { bar, Progress, writeJson } from '../../terminal.ts';
import { writeWhole } from '../../write-whole.ts';
import { evaluationRows } from '../evaluation-table.ts';
import { uncountedTokens, withSaeSession, type SaeSession } from '../sae-session.ts';
import type { EvaluateOptions } from './command.ts';

/** `monosema sae evaluate`. */
export async function evaluate(reference: string, options: EvaluateOptions, signal: AbortSignal): Promise<void> {
  for (const [option, path] of Object.entries({ '--out': options.out, '--saebench': options.saebench }))
    if (path !== undefined && !path.endsWith('.json'))
      throw new UsageError(option, `is ${path}, but must end in .json`);
  await withSaeSession('<sae>', reference, options, (session) => run(session, options, signal), signal);
}

async function run(
  { engine, model, sae, opened }: SaeSession,
  options: EvaluateOptions,
  signal: AbortSignal,
): Promise<void> {
  const excludedTokens = options.countSpecial ? [] : uncountedTokens(sae, model);
  const data = options.data ?? ownData(sae);
  const contexts = await textOf(data, sae, model, options, signal);
  const progress = new Progress();
  const onProgress = (done: number, total: number): void =>
    progress.update(`${bar(done, total)}  ${done} of ${total} tokens`);
  const measuring = evaluateSaeWithFeatures({ engine, model, sae, contexts, excludedTokens, onProgress, signal });
  const { evaluation, features } = await measuring.finally(() => progress.clear());
  const { saeId, release } = opened.provenance;
  const named = { releaseId: release ?? undefined, saeId: saeId ?? undefined };
  const contextSize = contexts[0]!.length;
  const core = { sae, evaluation, features, dataSetId: data, contextSize, excludedTokens, ...named };
  await writeJsonFile('--out', options.out, () => evaluation);
  await writeJsonFile('--saebench', options.saebench, () => toSaebenchCore(core));
  const { architecture, dSae, contract } = sae.config;
  if (options.json) writeJson({ ...evaluation, data, notes: opened.notes });
  else
    process.stdout.write(
      `${architecture} SAE of ${model.id} at ${contract.hookPoint}, d_sae ${dSae}, on ${data}\n` +
        table(evaluationRows(evaluation), '  '),
    );
}

async function writeJsonFile(option: string, path: string | undefined, make: () => unknown): Promise<void> {
  if (path === undefined) return;
  const text = `${JSON.stringify(make(), null, 2)}\n`;
  await forOption(option, () => writeWhole(path, new TextEncoder().encode(text)));
}

/** The bundled data set that it was trained on: its held-out part is text of the same kind. */
function ownData({ config: { dataSetId } }: Sae): string {
  if (dataSetId !== null && isBundledData(dataSetId)) return dataSetId;
  throw new UsageError('--data', `is needed: the SAE was trained on ${dataSetId ?? 'nobody says what'}`);
}

function textOf(
  data: string,
  { config: { contract } }: Sae,
  model: Model,
  options: EvaluateOptions,
  signal: AbortSignal,
): Promise<Int32Array[]> {
  const contextSize = options.contextSize ?? Math.min(contract.contextSize, model.config.contextSize);
  return contextsOf({ ...options, data, contextSize, bos: contract.prependBos }, model, signal);
}
