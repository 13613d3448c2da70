/** A text with some of its parts marked: [start, end) in UTF-16 units, ascending. */
export function HighlightedText({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
  const endBefore = (i: number): number => ranges[i - 1]?.[1] ?? 0;
  return (
    <>
      {ranges.map(([start, end], i) => (
        <span key={start}>
          {text.slice(endBefore(i), start)}
          <mark className="bg-heat/55 text-ink rounded-sm font-semibold">{text.slice(start, end)}</mark>
        </span>
      ))}
      {text.slice(endBefore(ranges.length))}
    </>
  );
}
