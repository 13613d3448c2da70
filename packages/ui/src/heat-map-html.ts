import { escapeHtml } from './escape-html.ts';
import { formatNumber } from './format-number.ts';
import { visibleText, visibleToken } from './visible-text.ts';

/** A context in which a feature fires, with the text of its tokens. */
export interface HeatMapExample {
  /** Token ids of the context. */
  ids: ArrayLike<number>;
  /** One text per id; their concatenation is the exact text. */
  texts: readonly string[];
  /** Position of the maximum. */
  position: number;
  maximum: number;
  /** Positions that fire, ascending, and their activations. */
  positions: readonly number[];
  values: readonly number[];
}

/** Steps of the colour scale; the styles hold one class each. */
export const heatSteps = 10;
/** Tokens before and after the maximum that the short view shows. */
const near = { before: 14, after: 8 };
/** Tokens before and after the maximum that are sent at all. */
const far = 128;

/**
 * One list item of a heat map as an HTML string: the peak token with its value, then the context. Tokens are plain
 * tags without a class when they don't fire, so that a page of 20 contexts of 128 tokens stays small, and so that the
 * server builds no element per token.
 *
 * @param scale the activation at full colour: the feature's maximum over all its contexts
 */
export function exampleHtml(example: HeatMapExample, scale: number): string {
  const peak = escapeHtml(visibleToken(example.texts[example.position] ?? ''));
  const start = Math.max(0, example.position - far);
  const end = Math.min(example.texts.length, example.position + far + 1);
  const nearStart = Math.max(start, example.position - near.before);
  const nearEnd = Math.min(end, example.position + near.after + 1);
  const tokens = tokensHtml(example, scale);
  const part = (from: number, to: number): string => tokens.slice(from, to).join('');
  const hidden = (from: number, to: number): string => (from < to ? `<span class="far">${part(from, to)}</span>` : '');
  const ids = Array.prototype.slice.call(example.ids, start, end).join(' ');
  return (
    `<li><span class="peak"><code>${peak}</code> <span>${formatNumber(example.maximum)}</span></span>` +
    `<p data-ids="${ids}">${hidden(start, nearStart)}${part(nearStart, nearEnd)}${hidden(nearEnd, end)}</p></li>`
  );
}

/** One tag per token of the context: `<i>` when silent, `<b>` when it fires. */
function tokensHtml(example: HeatMapExample, scale: number): string[] {
  const activations = new Map(example.positions.map((position, i) => [position, example.values[i]!]));
  return example.texts.map((text, position) => {
    const shown = escapeHtml(visibleText(text)).replaceAll('\n', '<br>');
    const activation = activations.get(position);
    if (activation === undefined) return `<i>${shown}</i>`;
    const step = Math.min(heatSteps, Math.max(1, Math.ceil((activation / scale) * heatSteps)));
    const peak = position === example.position ? ' max" tabindex="0' : '';
    return `<b class="h${step}${peak}" title="${formatNumber(activation, 4)}">${shown}</b>`;
  });
}

/** All items, in the order given. */
export const heatMapHtml = (examples: readonly HeatMapExample[], scale: number): string =>
  examples.map((example) => exampleHtml(example, scale)).join('');
