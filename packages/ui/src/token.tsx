import { visibleToken } from './visible-text.ts';

const marks = /([␣↵⇥◌]+)/;

/** A token on its own, in monospace, with spaces and newlines shown as marks. */
export function Token({ text }: { text: string }): React.JSX.Element {
  const parts = visibleToken(text).split(marks);
  return (
    <code className="token">
      {parts.length === 1 ? parts[0] : parts.map((part, i) => (marks.test(part) ? <span key={i}>{part}</span> : part))}
    </code>
  );
}
