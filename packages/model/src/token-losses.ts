import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';

/**
 * How badly each next token was foreseen: −log p, in nats.
 * logits [batch, length, vocabulary] and ids [batch, length] → [batch, length − 1]; entry i is the loss of token i + 1.
 *
 * @example compileForward(engine, model, { length, outputs: ({ logits, ids }) => ({ losses: tokenLosses(logits, ids) }) })
 */
export function tokenLosses(logits: Traced, ids: Traced): Traced {
  const [batch, length] = ids.shape as [op.Dim, number];
  const logProbabilities = op.logSoftmax(op.slice(logits, 1, 0, length - 1));
  const targets = op.reshape(op.slice(ids, 1, 1, length), [batch, length - 1, 1]);
  return op.neg(op.reshape(op.gatherLast(logProbabilities, targets), [batch, length - 1]));
}
