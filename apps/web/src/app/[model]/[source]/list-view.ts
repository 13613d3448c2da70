import { sourcePath } from '@monosema/catalog';

export const sortNames = ['score', 'density', 'maximum', 'index'] as const;
export type SortName = (typeof sortNames)[number];
export type Order = 'asc' | 'desc';

/** How a table of features is shown, as its URL says. */
export interface ListView {
  sort: SortName;
  order: Order;
  liveOnly: boolean;
  cursor?: string;
}

const ownOrder = (sort: SortName): Order => (sort === 'index' ? 'asc' : 'desc');

/** Reads the view from a URL; what makes no sense is as if it were not there. */
export function readListView(query: Record<string, string | string[] | undefined>): ListView {
  const sort = sortNames.find((name) => name === query.sort) ?? 'score';
  const order = query.order === 'asc' || query.order === 'desc' ? query.order : ownOrder(sort);
  const cursor = typeof query.cursor === 'string' && query.cursor.length <= 200 ? query.cursor : undefined;
  return { sort, order, liveOnly: query.live === '1', ...(cursor && { cursor }) };
}

/** The URL of a view; defaults are left out, so that equal views have equal addresses. */
export function listViewHref(ids: { modelId: string; sourceId: string }, view: ListView): string {
  const query = new URLSearchParams();
  if (view.sort !== 'score') query.set('sort', view.sort);
  if (view.order !== ownOrder(view.sort)) query.set('order', view.order);
  if (view.liveOnly) query.set('live', '1');
  if (view.cursor) query.set('cursor', view.cursor);
  const text = query.toString();
  return `${sourcePath(ids.modelId, ids.sourceId)}${text && `?${text}`}`;
}

/** The view that a click on a column leads to: sorted by it, or the other way round when it already is; from the start. */
export function resorted({ sort, order, liveOnly }: ListView, by: SortName): ListView {
  const turned = order === 'asc' ? 'desc' : 'asc';
  return { sort: by, order: sort === by ? turned : ownOrder(by), liveOnly };
}
