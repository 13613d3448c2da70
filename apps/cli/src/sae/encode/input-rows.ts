import { openFileSource, openSafetensors } from '@monosema/formats';
import { compileForward } from '@monosema/model';
import type { Sae } from '@monosema/sae';
import { idsOf } from '../../activations/activations.ts';
import { contextsOf } from '../../activations/contexts.ts';
import { uncountedTokens, type SaeSession } from '../sae-session.ts';
import type { EncodeOptions } from './command.ts';

/** What an SAE encodes, some thousand rows at a time. */
export interface InputRows {
  /** Rows in all. */
  readonly rows: number;
  /** Of the tokens, where there is text: [rows] of one text, [contexts, tokens] of data. */
  readonly tokens: { ids: Int32Array; shape: readonly number[]; texts: readonly string[] } | null;
  /** Whether a row counts; BOS does not. */
  counts(row: number): boolean;
  /** [n * d_in], one part after the other. */
  parts(): AsyncGenerator<Float32Array>;
}

/** Rows of about this many numbers are held at once. */
const partNumbers = 1 << 22;

/** The values at the SAE's hook point on a text, or on the contexts of --data. */
export async function rowsOfText(
  { engine, model, sae }: SaeSession,
  text: string | null,
  options: EncodeOptions,
  signal: AbortSignal,
): Promise<InputRows> {
  const { hookPoint, contextSize: own, prependBos } = sae.config.contract;
  const contextSize = options.contextSize ?? Math.min(own, model.config.contextSize);
  const contexts =
    text === null
      ? await contextsOf({ ...options, contextSize, bos: prependBos }, model, signal)
      : [Int32Array.from(idsOf(text, model, prependBos))];
  const length = contexts[0]!.length;
  const ids = new Int32Array(contexts.length * length);
  contexts.forEach((context, i) => ids.set(context, i * length));
  const shape = text === null ? [contexts.length, length] : [length];
  const uncounted = new Set(uncountedTokens(sae, model));
  return {
    rows: ids.length,
    tokens: { ids, shape, texts: text === null ? [] : model.tokenizer.vocabulary.textsOf(Array.from(ids)) },
    counts: (row) => !uncounted.has(ids[row]!),
    async *parts() {
      const forward = await compileForward(engine, model, { length, taps: [hookPoint] });
      try {
        const step = Math.max(1, Math.floor(partNumbers / (sae.config.dIn * length))) * length;
        for (let at = 0; at < ids.length; at += step) {
          const { [hookPoint]: values } = await forward.run(ids.subarray(at, at + step));
          yield values!.data as Float32Array;
        }
      } finally {
        await forward.dispose();
      }
    },
  };
}

/**
 * The rows of a tensor [..., d_in] of a .safetensors file; heads may have an axis of their own.
 * @throws Error naming the tensor and what is wrong
 */
export async function rowsOfFile(path: string, wanted: string | undefined, sae: Sae): Promise<InputRows> {
  const { dIn, contract } = sae.config;
  const source = await openFileSource(path);
  const file = await openSafetensors(source);
  const name = wanted ?? (file.tensors.has(contract.hookPoint) ? contract.hookPoint : onlyFloats(file.tensors));
  const tensor = file.tensors.get(name);
  if (!tensor) throw new Error(`${path} has no tensor "${name}"; it has ${[...file.tensors.keys()].join(', ')}`);
  if (!isFloat(tensor)) throw new Error(`"${name}" is ${tensor.dtype}; an SAE reads floating-point numbers`);
  const { shape } = tensor;
  const size = shape.reduce((product, n) => product * n, 1);
  const tail = shape.findIndex((_, axis) => shape.slice(axis).reduce((product, n) => product * n, 1) === dIn);
  if (size === 0 || tail < 0)
    throw new Error(`"${name}" is [${shape.join(', ')}], but the SAE reads rows of ${dIn} numbers`);
  const perFirst = size / shape[0]!;
  const step = tail === 0 ? shape[0]! : Math.max(1, Math.floor(partNumbers / perFirst));
  return {
    rows: size / dIn,
    tokens: null,
    counts: () => true,
    async *parts() {
      try {
        for (let row = 0; row < shape[0]!; row += step) {
          const { data } = await file.readRows(name, row, Math.min(shape[0]!, row + step));
          yield data as Float32Array;
        }
      } finally {
        await source.close();
      }
    },
  };
}

const isFloat = ({ dtype }: { dtype: string }): boolean => /^B?F\d/.test(dtype);

/** The one tensor of fractions that a file has. */
function onlyFloats(tensors: ReadonlyMap<string, { dtype: string }>): string {
  const names = [...tensors].filter(([, tensor]) => isFloat(tensor)).map(([name]) => name);
  if (names.length === 1) return names[0]!;
  throw new Error(`name one of its tensors with --tensor: ${names.join(', ') || 'none holds floating-point numbers'}`);
}
