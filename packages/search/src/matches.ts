import { searchWordsOf } from '@monosema/db';
import type { SearchDocument } from '@monosema/catalog';
import type { Closeness } from './closeness.ts';
import type { SearchField, SearchMatch } from './search.ts';

/** How near a word or token of the catalog is to what was typed; undefined when it is no answer. */
export type NearnessOf = (word: string) => Closeness | undefined;

const fieldOrder: readonly SearchField[] = ['label', 'token', 'logit'];

/** The labels and tokens of a document that answer a query: exact ones first, labels before tokens before logits. */
export function matchesOf(document: SearchDocument, nearness: NearnessOf): SearchMatch[] {
  const found = [
    ...document.labels.map((label) => labelMatch(label, nearness)),
    ...document.topTokens.map((token) => tokenMatch('token', token, nearness)),
    ...document.topLogits.map((token) => tokenMatch('logit', token, nearness)),
  ].filter((match) => match !== null);
  return found.sort(
    (a, b) => Number(b.exact) - Number(a.exact) || fieldOrder.indexOf(a.field) - fieldOrder.indexOf(b.field),
  );
}

function tokenMatch(field: SearchField, text: string, nearness: NearnessOf): SearchMatch | null {
  const distance = nearness(text);
  return distance === undefined ? null : { field, text, ranges: [[0, text.length]], exact: distance === 0 };
}

function labelMatch(text: string, nearness: NearnessOf): SearchMatch | null {
  const ranges: [number, number][] = [];
  let exact = true;
  for (const piece of text.matchAll(/[\p{L}\p{N}\p{M}](?:\S*[\p{L}\p{N}\p{M}])?/gu)) {
    const near = searchWordsOf(piece[0]).flatMap((word) => nearness(word) ?? []);
    if (near.length === 0) continue;
    ranges.push([piece.index, piece.index + piece[0].length]);
    exact &&= Math.min(...near) === 0;
  }
  return ranges.length === 0 ? null : { field: 'label', text, ranges, exact };
}
