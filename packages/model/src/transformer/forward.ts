import * as op from '@monosema/engine';
import type { Dim, Traced, TracedRecord } from '@monosema/engine';
import type { Hooks } from '../hooks.ts';
import { attendToCache, attendWithin, type Attend, type DecodeState, type KeysAndValues } from './attend.ts';
import { Block } from './block.ts';
import type { TransformerConfig } from './config.ts';
import { normalise } from './norm.ts';
import { rotationAt, rotationOf, type Rotation } from './rotary.ts';

/** What a pass gives. */
export interface Pass extends KeysAndValues {
  /** [batch, length, vocabulary] */
  readonly logits: Traced;
}

/** What depends on where the tokens at hand stand in their rows. */
interface Place {
  /** Rows of W_pos, [length, d_model] or [batch, 1, d_model]; null in models without. */
  readonly embedding: Traced | null;
  readonly rotation: Rotation | null;
  readonly attend: Attend;
}

/**
 * The decoder-only transformer of all families: ids [batch, length] int → logits, with the keys and values made on the way.
 * `weights` are named and shaped as `weightShapes` says; every hook point of `hookPointsOf` passes through `hooks`.
 */
export function forward(config: TransformerConfig, weights: TracedRecord, ids: Traced, hooks: Hooks): Pass {
  const length = ids.shape[1] as number;
  const made: { keys: Traced[]; values: Traced[] } = { keys: [], values: [] };
  const { positions } = config;
  const logits = transformer(config, weights, ids, hooks, {
    embedding: positions.kind === 'learned' ? op.slice(weights['pos_embed.W_pos']!, 0, 0, length) : null,
    rotation: positions.kind === 'rotary' ? rotationOf(positions, length) : null,
    attend: attendWithin(config, hooks, made),
  });
  return { logits, ...made };
}

/** One token per row, ids [batch, 1] int, against the keys and values before it; gives those with the token's own put in. */
export function decode(
  config: TransformerConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
  state: DecodeState,
): Pass {
  const made: { keys: Traced[]; values: Traced[] } = { keys: [], values: [] };
  const { positions, dModel } = config;
  const { position } = state;
  const slots = state.keys[0]!.shape[2] as number;
  const logits = transformer(config, weights, ids, hooks, {
    embedding:
      positions.kind === 'learned'
        ? op.reshape(op.gatherRows(weights['pos_embed.W_pos']!, position), [position.shape[0]!, 1, dModel])
        : null,
    rotation: positions.kind === 'rotary' ? rotationAt(positions, slots, position) : null,
    attend: attendToCache(config, hooks, state, made),
  });
  return { logits, ...made };
}

function transformer(
  config: TransformerConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
  place: Place,
): Traced {
  let residual = embed(config, weights, ids, hooks, place.embedding);
  for (let layer = 0; layer < config.layers; layer++)
    residual = new Block(config, weights, hooks, layer).run(residual, place.rotation, place.attend);
  const { norm: kind, epsilon, logitSoftCap } = config;
  const [gain, bias] = [weights['ln_final.w'], weights['ln_final.b']];
  const final =
    config.finalNorm && kind !== 'none'
      ? normalise(residual, { kind, epsilon, gain, bias }, hooks, 'ln_final')
      : residual;
  const products = config.tied
    ? op.matmul(final, weights['embed.W_E']!, { transposeB: true })
    : op.matmul(final, weights['unembed.W_U']!);
  const logits = config.unembeddingBias ? op.add(products, weights['unembed.b_U']!) : products;
  return logitSoftCap === null ? logits : op.softCap(logits, logitSoftCap);
}

function embed(
  { embeddingScale, dModel }: TransformerConfig,
  weights: TracedRecord,
  ids: Traced,
  hooks: Hooks,
  positions: Traced | null,
): Traced {
  const rows = op.gatherRows(weights['embed.W_E']!, ids); // [batch, length, d_model]
  const tokens = hooks.at('hook_embed', embeddingScale === 1 ? rows : op.mul(rows, embeddingScale));
  if (!positions) return tokens;
  const [batch, length] = ids.shape as [Dim, Dim];
  return op.add(tokens, hooks.at('hook_pos_embed', op.broadcast(positions, [batch, length, dModel])));
}
