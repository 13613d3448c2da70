import type { SearchDocument } from '@monosema/catalog';

/** What a person types into the box, and where to look. */
export interface SearchQuery {
  text: string;
  modelId?: string;
  /** A source's name; with `modelId`, one source, else that source of every model. */
  sourceId?: string;
  /** Hits per page, 20 unless told, 100 at most. */
  limit?: number;
  offset?: number;
}

export type SearchField = 'label' | 'token' | 'logit';

/** Why a feature was found: a label, a token on which it fires, or one whose logit it raises. */
export interface SearchMatch {
  field: SearchField;
  /** The label or token as it is. */
  text: string;
  /** Parts of `text` that answer the query, as [start, end) in UTF-16 units, ascending. */
  ranges: [start: number, end: number][];
  /** False where a typing error was forgiven, or a word only begins as typed. */
  exact: boolean;
}

/** A feature that was found, best match first. */
export interface SearchHit extends SearchDocument {
  matches: SearchMatch[];
}

export interface SearchPage {
  hits: SearchHit[];
  /** Features that match in all. */
  total: number;
}

/** A search engine for features. */
export interface Search {
  /**
   * Features that match every word of the text, typing errors forgiven. In order: what is as typed before what is
   * nearly so, labels before tokens before logits, then by score.
   *
   * @example (await search.query({ text: 'goldn brige', modelId: 'gpt2-small' })).hits[0]?.matches[0]?.text
   */
  query(query: SearchQuery): Promise<SearchPage>;
  /** Enters features, or what changed of them. */
  index(documents: readonly SearchDocument[]): Promise<void>;
  removeSource(modelId: string, sourceId: string): Promise<void>;
}
