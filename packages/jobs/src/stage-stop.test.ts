import { expect, test } from 'vitest';
import { orUnusable, readableError, StageStop, UnusableRequest } from './index.ts';

test.each([
  ['credentials in a url', new Error('connect postgres://me:secret@host/db'), 'connect postgres://…@host/db'],
  ['a byte that Postgres refuses', new Error('token "\0"'), 'token "␀"'],
  [
    'a failed query',
    new Error('Failed query: select $1\nparams: secret', { cause: new Error('too long') }),
    'too long',
  ],
  ['what is no error', 'plain text', 'plain text'],
])('%s is made readable', (_, error, message) => expect(readableError(error)).toBe(message));

test('a long message is cut', () => expect(readableError(new Error('x'.repeat(5000)))).toHaveLength(1001));

test('what depends on the request alone can not be tried again; a full disk and a stop can', async () => {
  await expect(orUnusable(Promise.reject(new Error('no model "x"')))).rejects.toThrow(UnusableRequest);
  const diskFull = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  await expect(orUnusable(Promise.reject(diskFull))).rejects.toBe(diskFull);
  const stop = new StageStop('cancelled');
  await expect(orUnusable(Promise.reject(stop))).rejects.toBe(stop);
});
