import type { Arrays, Engine, Program } from '@monosema/engine';
import { compileModel, type Model } from '@monosema/model';
import { concatContexts } from '../contexts.ts';
import { parameterArrays } from '../parameter-inputs.ts';
import type { Sae } from '../sae.ts';
import type { ChunkOutputs } from './context-sums.ts';

/** A chunk holds at most this many dense codes or logits. */
const CHUNK_NUMBERS = 1 << 23;

/** Contexts that programs run over. */
export interface ChunkPass {
  engine: Engine;
  model: Model;
  sae: Sae;
  /** Of one length. */
  contexts: readonly Int32Array[];
  excluded: ReadonlySet<number>;
  signal?: AbortSignal;
}

export interface Chunk {
  /** [contexts * length] 1 where a token counts. */
  keep: Float32Array;
  outputs: ChunkOutputs;
}

/**
 * Runs a program of inputs ids and keep [batch, length] over contexts, some at a time. The model's weights are those that
 * all its programs in the engine share; `withSae` binds those of the SAE.
 */
export async function runChunks(
  { engine, model, sae, contexts, excluded, signal }: ChunkPass,
  program: Program,
  { withSae = false, feeds = {} }: { withSae?: boolean; feeds?: Arrays },
  take: (chunk: Chunk) => void,
): Promise<void> {
  const length = contexts[0]!.length;
  const perToken = Math.max(sae.config.dSae, model.config.vocabularySize);
  const perChunk = Math.max(1, Math.floor(CHUNK_NUMBERS / perToken / length));
  const executable = await compileModel(engine, model, program, { weights: withSae ? parameterArrays(sae) : {} });
  try {
    for (let start = 0; start < contexts.length; start += perChunk) {
      signal?.throwIfAborted();
      const ids = concatContexts(contexts.slice(start, start + perChunk));
      const keep = Float32Array.from(ids, (id) => Number(!excluded.has(id)));
      const shape = [ids.length / length, length];
      const arrays = await executable.run({ ...feeds, ids: { data: ids, shape }, keep: { data: keep, shape } });
      take({ keep, outputs: (name) => outputNamed(arrays, name) });
    }
  } finally {
    await executable.dispose();
  }
}

function outputNamed(arrays: Arrays, name: string): ArrayLike<number> {
  const output = arrays[name];
  if (!output) throw new Error(`the evaluation gave no ${name}`);
  return output.data;
}
