import type { LoadNotes } from './load-note.ts';

/** Families whose norms subtract no mean: TransformerLens centres the writing weights of none of them, whatever it is told. */
const withoutMean = /^(llama|tinyllama|smollm|mistral|mixtral|qwen|gemma|olmo-2|yi-|deepseek-r1-distill)/;
/** What is written into the residual stream, and the stream itself: centring takes the mean out of these, and of nothing else. */
const written = /hook_(resid_(pre|mid|post)|attn_out|mlp_out|embed|pos_embed)$/;

/** Whether a model with centred writing weights (SAELens #279) has other values at a hook point than the model itself. */
export function centredAt(hookPoint: string, modelId: string, notes: LoadNotes): boolean {
  if (!written.test(hookPoint)) return false;
  notes.add('converted', 'center_writing_weights', 'the input is taken minus its mean, as a centred model has it');
  if (withoutMean.test(modelId))
    notes.add(
      'unknown',
      'center_writing_weights',
      `${modelId} has RMS norms: TransformerLens centres no such model, so the SAE may have read its stream as it is (then correct centred to false)`,
    );
  return true;
}
