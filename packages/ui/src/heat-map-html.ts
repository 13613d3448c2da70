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
/** Characters of text before and after the maximum that the short view shows, whole tokens. */
const near = { before: 46, after: 24 };
/** Tokens before and after the maximum that are sent at all. */
const far = 128;
const none: ReadonlySet<number> = new Set();

/**
 * One list item of a heat map as an HTML string: the peak token with its value, then the context. Tokens are plain
 * tags without a class when they don't fire, so that a page of 20 contexts of 128 tokens stays small, and so that the
 * server builds no element per token.
 *
 * @param scale the activation at full colour: the feature's maximum over all its contexts
 * @param special ids of tokens that are no text, as BOS: shown, but set back
 */
export function exampleHtml(example: HeatMapExample, scale: number, special: ReadonlySet<number> = none): string {
  const peak = escapeHtml(visibleToken(example.texts[example.position] ?? ''));
  const start = Math.max(0, example.position - far);
  const end = Math.min(example.texts.length, example.position + far + 1);
  const nearStart = reach(example, -1, near.before, start);
  const nearEnd = reach(example, 1, near.after, end - 1) + 1;
  const tokens = tokensHtml(example, scale, special);
  const part = (from: number, to: number): string => tokens.slice(from, to).join('');
  const hidden = (from: number, to: number): string => (from < to ? `<span class="far">${part(from, to)}</span>` : '');
  // Where there is room, the maxima stand below each other: how far the text before lacks of its full length.
  const lead = (nearStart > start ? 1 : 0) + example.texts.slice(nearStart, example.position).join('').length;
  const ids = Array.prototype.slice.call(example.ids, start, end).join(' ');
  return (
    `<li><span class="peak"><code>${peak}</code> <span>${formatNumber(example.maximum)}</span></span>` +
    `<p data-ids="${ids}" style="--pad:${near.before + 1 - lead}">${hidden(start, nearStart)}${part(nearStart, nearEnd)}${hidden(nearEnd, end)}</p></li>`
  );
}

/** The farthest position on one side of the maximum such that the text between is at most so long; `limit` at most. */
function reach({ position, texts }: HeatMapExample, side: 1 | -1, characters: number, limit: number): number {
  let at = position;
  for (let left = characters; at !== limit; at += side) {
    left -= texts[at + side]?.length ?? 0;
    if (left < 0) break;
  }
  return at;
}

/** One tag per token of the context: `<i>` when silent, `<b>` when it fires. */
function tokensHtml(example: HeatMapExample, scale: number, special: ReadonlySet<number>): string[] {
  const activations = new Map(example.positions.map((position, i) => [position, example.values[i]!]));
  return example.texts.map((text, position) => {
    const shown = escapeHtml(visibleText(text)).replaceAll('\n', '<br>');
    const activation = activations.get(position);
    if (activation === undefined) return `<i${special.has(example.ids[position]!) ? ' class="s"' : ''}>${shown}</i>`;
    const step = Math.min(heatSteps, Math.max(1, Math.ceil((activation / scale) * heatSteps)));
    const peak = position === example.position ? ' max" tabindex="0' : '';
    return `<b class="h${step}${peak}" title="${formatNumber(activation, 4)}">${shown}</b>`;
  });
}

/** All items, in the order given. */
export const heatMapHtml = (
  examples: readonly HeatMapExample[],
  scale: number,
  special: ReadonlySet<number> = none,
): string => examples.map((example) => exampleHtml(example, scale, special)).join('');
