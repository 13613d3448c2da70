import { compileEncode, concatRows, decode, outputWidth, type Sae, type SparseRows } from '@monosema/sae';
import type { Engine } from '@monosema/engine';
import { forOption, UsageError } from '../../exit.ts';
import { withEngine } from '../../session.ts';
import { bar, Progress } from '../../terminal.ts';
import { textFrom } from '../../text-argument.ts';
import { openReference } from '../open-reference.ts';
import { withSaeSession, type SaeSession } from '../sae-session.ts';
import type { EncodeOptions } from './command.ts';
import { rowsOfFile, rowsOfText, type InputRows } from './input-rows.ts';
import { CodeQuality, type Quality } from './quality.ts';
import { showCodes } from './show.ts';
import { writeCodes } from './write-codes.ts';

/** Codes of all rows, and what they are of. */
export interface Encoded {
  sae: Sae;
  codes: SparseRows;
  input: InputRows;
  quality: Quality;
  /** [rows, d_out], with --reconstruct. */
  reconstructions: Float32Array | null;
}

/** `monosema sae encode`. */
export async function encode(
  reference: string,
  argument: string | undefined,
  options: EncodeOptions,
  signal: AbortSignal,
): Promise<void> {
  checkOptions(argument, options);
  const encoded =
    options.input === undefined
      ? await encodeText(reference, argument, options, signal)
      : await encodeFile(reference, options, signal);
  if (options.out === undefined) showCodes(encoded, options);
  else await writeCodes(encoded, options.out);
}

function checkOptions(argument: string | undefined, { input, data, file, out, tensor }: EncodeOptions): void {
  if (out !== undefined && !out.endsWith('.safetensors'))
    throw new UsageError('--out', `is ${out}, but must end in .safetensors`);
  if (tensor !== undefined && input === undefined) throw new UsageError('--tensor', 'is of --input, which is missing');
  const given = { '--input': input, '--data': data, '--file': file, '<text>': argument };
  const [first, second] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (second !== undefined) throw new UsageError(first!, `is for use without ${second}`);
  if (data !== undefined && out === undefined)
    throw new UsageError('--data', 'needs --out, the file that gets the codes');
}

async function encodeText(
  reference: string,
  argument: string | undefined,
  options: EncodeOptions,
  signal: AbortSignal,
): Promise<Encoded> {
  const text = options.data === undefined ? await textFrom(argument, options.file) : null;
  const work = async (session: SaeSession): Promise<Encoded> => {
    const input = await rowsOfText(session, text, options, signal);
    return encodeRows(session.engine, session.sae, input, options, signal);
  };
  return withSaeSession('<sae>', reference, options, work, signal);
}

async function encodeFile(reference: string, options: EncodeOptions, signal: AbortSignal): Promise<Encoded> {
  const { sae } = await openReference('<sae>', reference, options, signal);
  const input = await forOption('--input', () => rowsOfFile(options.input!, options.tensor, sae));
  return withEngine(options, (engine) => encodeRows(engine, sae, input, options, signal));
}

async function encodeRows(
  engine: Engine,
  sae: Sae,
  input: InputRows,
  { reconstruct }: EncodeOptions,
  signal: AbortSignal,
): Promise<Encoded> {
  const { dIn } = sae.config;
  const width = outputWidth(sae.config);
  const reconstructions = reconstruct ? new Float32Array(input.rows * width) : null;
  const quality = new CodeQuality(dIn, input);
  const encoder = await compileEncode(engine, sae);
  const progress = new Progress();
  const parts: SparseRows[] = [];
  let row = 0;
  try {
    for await (const x of input.parts()) {
      signal.throwIfAborted();
      const codes = await encoder.encode(x);
      parts.push(codes);
      const xHat = reconstructions && decode(sae, codes, x);
      if (xHat) reconstructions.set(xHat, row * width);
      quality.add(codes, x, 'dOut' in sae.config ? null : xHat);
      row += codes.rows;
      progress.update(`${bar(row, input.rows)}  ${row} of ${input.rows} rows`);
    }
  } finally {
    progress.clear();
    await encoder.dispose();
  }
  return { sae, codes: concatRows(parts), input, quality: quality.finish(), reconstructions };
}
