import { highlightPieces } from './highlight-pieces.ts';

/** A text with what a query matched in it marked, typing errors forgiven. */
export function HighlightedText({ text, query }: { text: string; query: string }) {
  return highlightPieces(text, query).map(({ text: piece, matched }, i) =>
    matched ? (
      <mark key={i} className="bg-heat/50 text-ink rounded-sm font-semibold">
        {piece}
      </mark>
    ) : (
      piece
    ),
  );
}
