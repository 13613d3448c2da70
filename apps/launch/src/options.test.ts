import path from 'node:path';
import { expect, test } from 'vitest';
import { readEnv } from './env.ts';
import { readOptions } from './options.ts';

test('flags win over the environment', () => {
  const env = readEnv({ MONOSEMA_PORT: '4100', MONOSEMA_DATA: '/somewhere', MONOSEMA_ENGINE: 'reference' });
  expect(readOptions([], env)).toMatchObject({ port: 4100, data: '/somewhere', engine: 'reference', train: true });
  expect(readOptions(['--port', '4000', '--data', 'here'], env)).toMatchObject({ port: 4000, data: path.resolve('here') });
});

test.each([
  [['--port', 'x'], '--port must be a number'],
  [['--port', '0'], '--port must be from 1'],
  [['--port', '70000'], '--port must be from 1'],
  [['--colour'], "'--colour'"],
  [['--data', ''], '--data must name a folder'],
])('%j is refused, and the message names the flag', (args, message) => {
  expect(() => readOptions(args, {})).toThrow(message);
});

test('an environment value that is wrong is named', () => {
  expect(() => readEnv({ MONOSEMA_PORT: 'many' })).toThrow('MONOSEMA_PORT');
  expect(() => readEnv({ DATABASE_URL: 'mysql://x' })).toThrow('DATABASE_URL');
});
