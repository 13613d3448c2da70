import { expect, test } from 'vitest';
import { readSearchView, searchHref } from './search-view.ts';

test('a search is read from its URL and written back', () => {
  const view = readSearchView({ q: ' goldn brige ', in: 'gpt2-small/8-res-jb', page: '2' });
  expect(view).toEqual({ text: 'goldn brige', modelId: 'gpt2-small', sourceId: '8-res-jb', page: 2 });
  expect(searchHref(view)).toBe('/search?q=goldn+brige&in=gpt2-small%2F8-res-jb&page=2');
});

test('nonsense is as if it were not there', () => {
  expect(readSearchView({ q: ['a', 'b'], in: '../x', page: '-1' })).toEqual({ text: 'a', page: 1 });
  expect(readSearchView({ in: 'gpt2-small/NOT', page: '0' })).toEqual({ text: '', modelId: 'gpt2-small', page: 1 });
  expect(readSearchView({ page: '9999' }).page).toBe(500);
});
