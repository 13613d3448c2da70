import { placeOf, type SearchView } from './search-view.ts';

interface SearchFormProps {
  view: SearchView;
  sources: readonly { modelId: string; id: string }[];
}

/** One box and one filter; a plain form. */
export function SearchForm({ view, sources }: SearchFormProps) {
  const models = [...new Set(sources.map(({ modelId }) => modelId))];
  return (
    <form action="/search" className="flex flex-wrap gap-2">
      <label htmlFor="search-text" className="sr-only">
        Label, token or logit
      </label>
      <input
        id="search-text"
        key={view.text}
        name="q"
        type="search"
        defaultValue={view.text}
        placeholder="A label, a token, a logit"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        className="field min-w-0 flex-1 basis-60"
      />
      <label htmlFor="search-place" className="sr-only">
        Where to look
      </label>
      <select
        id="search-place"
        key={placeOf(view)}
        name="in"
        defaultValue={placeOf(view)}
        className="field w-auto! max-w-full font-mono text-sm"
      >
        <option value="">all models</option>
        {models.map((modelId) => (
          <optgroup key={modelId} label={modelId}>
            <option value={modelId}>{modelId}</option>
            {sources
              .filter((source) => source.modelId === modelId)
              .map(({ id }) => (
                <option key={id} value={`${modelId}/${id}`}>
                  {modelId}/{id}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      <button className="button button-primary">Search</button>
    </form>
  );
}
