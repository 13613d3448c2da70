import { expect, test } from 'vitest';
import { returnPath } from './return-path.ts';

test.each([
  ['/runs/new', '/runs/new'],
  ['/search?text=once%20upon', '/search?text=once%20upon'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
])('%s leads to %s', (next, path) => expect(returnPath(next)).toBe(path));
