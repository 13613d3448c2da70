interface SearchBoxProps {
  id: string;
  defaultValue?: string;
  /** The box that "/" goes to. */
  shortcut?: boolean;
  /** Hidden fields to send along, as filters that are already chosen. */
  keep?: Record<string, string | undefined>;
}

/** A plain form: it works before, and without, any script. */
export function SearchBox({ id, defaultValue, shortcut = false, keep = {} }: SearchBoxProps) {
  return (
    <form action="/search" role="search" className="relative">
      <label htmlFor={id} className="sr-only">
        Search features by label, token or logit
      </label>
      <input
        id={id}
        name="q"
        type="search"
        defaultValue={defaultValue}
        placeholder="Search labels, tokens, logits"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        data-shortcut={shortcut ? 'search' : undefined}
        className="field pr-10"
      />
      {Object.entries(keep).map(
        ([name, value]) => value && <input key={name} type="hidden" name={name} value={value} />,
      )}
      {shortcut && (
        <kbd
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-2.5 hidden -translate-y-1/2 sm:inline-block"
        >
          /
        </kbd>
      )}
    </form>
  );
}
