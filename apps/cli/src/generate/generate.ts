import { generateStream, type End, type SteeringEdit } from '@monosema/model';
import type { Sae } from '@monosema/sae';
import { steeringVector } from '@monosema/pipeline';
import { forOption, UsageError } from '../exit.ts';
import { withSaeSession } from '../sae/sae-session.ts';
import { withSession, type Session } from '../session.ts';
import { writeJson } from '../terminal.ts';
import type { GenerateOptions } from './command.ts';

interface Continuation {
  prompt: string;
  text: string;
  ids: number[];
  end: End | null;
}

/** `monosema generate`. Each result goes to standard output, prompt and continuation together; a single one as it comes. */
export async function generateText(prompts: string[], options: GenerateOptions, signal: AbortSignal): Promise<void> {
  checkOptions(options);
  if (options.sae === undefined || !options.steer) {
    await withSession(options, (session) => run(session, prompts, options, undefined, signal), signal);
    return;
  }
  await withSaeSession(
    '--sae',
    options.sae,
    options,
    async (session) => run(session, prompts, options, await editFrom(session.sae, options, prompts.length), signal),
    signal,
  );
}

async function run(
  { engine, model }: Session,
  prompts: string[],
  options: GenerateOptions,
  edit: SteeringEdit | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { tokens: newTokens, stop: stopStrings } = options;
  const { temperature, topK, topP, frequencyPenalty, presencePenalty, seed } = options;
  const drawing = { temperature, topK, topP, frequencyPenalty, presencePenalty, seed };
  const rows = prompts.map((prompt): Continuation => ({ prompt, text: '', ids: [], end: null }));
  const live = prompts.length === 1 && !options.json;
  const stream = generateStream(engine, model, { prompts, newTokens, stopStrings, edit, signal, ...drawing });
  let begun = false;
  try {
    for await (const { row, id, text, end } of stream) {
      const continuation = rows[row]!;
      continuation.text += text;
      if (id !== null) continuation.ids.push(id);
      continuation.end = end ?? continuation.end;
      // Nothing is written before the first token: the options may be refused till then.
      if (live) process.stdout.write(begun ? text : prompts[0]! + text);
      begun = true;
    }
  } catch (error) {
    // What the options ask for is checked before the first token; the one that depends on the prompt is their length.
    if (error instanceof RangeError) throw new UsageError('--tokens', error.message);
    throw error;
  }
  if (options.json) writeJson(rows);
  else process.stdout.write(live ? '\n' : rows.map(({ prompt, text }) => `${prompt}${text}\n`).join('\n'));
}

function checkOptions({ temperature, topK, topP, steer, sae, stop }: GenerateOptions): void {
  if (temperature < 0) throw new UsageError('--temperature', `is ${temperature}, but must be at least 0`);
  for (const [option, value] of Object.entries({ '--top-k': topK, '--top-p': topP }))
    if (value !== undefined && temperature === 0)
      throw new UsageError(option, 'needs --temperature above 0: at 0 the likeliest token is taken each time');
  if (stop?.includes('')) throw new UsageError('--stop', 'is empty');
  if (steer && !sae) throw new UsageError('--steer', 'needs --sae, the SAE whose features are meant');
}

async function editFrom(sae: Sae, { steer }: GenerateOptions, rows: number): Promise<SteeringEdit> {
  const vector = await forOption('--steer', () => steeringVector(sae, steer ?? []));
  const vectors = new Float32Array(rows * vector.length);
  for (let row = 0; row < rows; row++) vectors.set(vector, row * vector.length);
  return { hookPoint: sae.config.contract.hookPoint, vectors };
}
