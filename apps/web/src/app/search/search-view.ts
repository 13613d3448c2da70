import { modelIdSchema, sourceIdSchema } from '@monosema/catalog';

export const pageSize = 20;
const lastPage = 500;

/** A search as its URL says it. */
export interface SearchView {
  text: string;
  modelId?: string;
  sourceId?: string;
  /** From 1. */
  page: number;
}

/** Reads a search from a URL: `?q=goldn+brige&in=gpt2-small/8-res-jb&page=2`. What makes no sense is as if it were not there. */
export function readSearchView(query: Record<string, string | string[] | undefined>): SearchView {
  const first = (name: string): string => [query[name]].flat()[0] ?? '';
  const [model, source] = first('in').split('/');
  const modelId = modelIdSchema.safeParse(model).data;
  const sourceId = modelId && sourceIdSchema.safeParse(source).data;
  const page = /^\d{1,4}$/.test(first('page')) ? Math.min(lastPage, Math.max(1, Number(first('page')))) : 1;
  return { text: first('q').trim().slice(0, 200), ...(modelId && { modelId }), ...(sourceId && { sourceId }), page };
}

/** What the filter holds: "", a model, or a model and a source. */
export const placeOf = ({ modelId, sourceId }: Pick<SearchView, 'modelId' | 'sourceId'>): string =>
  [modelId, sourceId].filter(Boolean).join('/');

export function searchHref(view: SearchView): string {
  const query = new URLSearchParams({ q: view.text });
  if (view.modelId) query.set('in', placeOf(view));
  if (view.page > 1) query.set('page', String(view.page));
  return `/search?${query.toString()}`;
}
