import { expect, test } from 'vitest';
import { listViewHref, readListView, resorted } from './list-view.ts';

const ids = { modelId: 'gpt2-small', sourceId: '8-res-jb' };

test('a view is read from its URL and written back', () => {
  const view = readListView({ sort: 'density', order: 'asc', live: '1', cursor: 'abc' });
  expect(view).toEqual({ sort: 'density', order: 'asc', liveOnly: true, cursor: 'abc' });
  expect(listViewHref(ids, view)).toBe('/gpt2-small/8-res-jb?sort=density&order=asc&live=1&cursor=abc');
});

test('the default view has the plain address, and nonsense is the default', () => {
  expect(listViewHref(ids, readListView({ sort: 'x', order: ['asc', 'desc'], live: 'yes' }))).toBe(
    '/gpt2-small/8-res-jb',
  );
});

test('a click on a column sorts by it, a second turns it round, both from the start', () => {
  const byDensity = resorted({ sort: 'score', order: 'desc', liveOnly: true, cursor: 'abc' }, 'density');
  expect(byDensity).toEqual({ sort: 'density', order: 'desc', liveOnly: true });
  expect(resorted(byDensity, 'density').order).toBe('asc');
  expect(resorted(byDensity, 'index').order).toBe('asc');
});
