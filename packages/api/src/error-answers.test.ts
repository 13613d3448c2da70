import { expect, test } from 'vitest';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { ApiContext } from './context.ts';
import { appRouter } from './router.ts';

/** A context whose database is down. */
const broken = {
  user: null,
  get db(): never {
    throw new Error('connect ECONNREFUSED postgres://monosema:secret@db');
  },
} as unknown as ApiContext;

async function ask(procedure: string, input: unknown, method: 'GET' | 'POST' = 'GET') {
  const body = JSON.stringify({ json: input });
  const url = `http://web.test/api/trpc/${procedure}${method === 'GET' ? `?input=${encodeURIComponent(body)}` : ''}`;
  const req = new Request(
    url,
    method === 'GET' ? {} : { method, body, headers: { 'content-type': 'application/json' } },
  );
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    createContext: () => broken,
  });
  const text = await response.text();
  return { status: response.status, text, error: (JSON.parse(text) as { error: { json: unknown } }).error.json };
}

test('a malformed input comes back by field, in words', async () => {
  const { status, error } = await ask('feature.get', { modelId: 'Not A Model', sourceId: '2-res-tk', index: -1 });
  expect(status).toBe(400);
  expect(error).toMatchObject({
    message: expect.stringContaining('index: must be at least 0') as string,
    data: {
      code: 'BAD_REQUEST',
      fields: { index: ['must be at least 0'], modelId: [expect.stringContaining('lower-case')] },
    },
  });
});

test('what the server tripped over stays there', async () => {
  const { status, text, error } = await ask('model.list', undefined);
  expect(status).toBe(500);
  expect(error).toMatchObject({ message: 'Something went wrong on the server.', data: { fields: {}, nearest: [] } });
  expect(text).not.toMatch(/secret|ECONNREFUSED|stack|\.ts/);
});

test('a visitor is asked to sign in', async () => {
  const { status, error } = await ask('run.cancel', { runId: 'run_x' }, 'POST');
  expect(status).toBe(401);
  expect(error).toMatchObject({ message: 'Sign in to do this.' });
});
