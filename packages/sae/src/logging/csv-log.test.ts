import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCsvLog } from './csv-log.ts';
import { metricsRow } from './metrics-row.fixture.ts';
import { everyLog } from './training-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const header =
  'step,tokens,loss,mse,sparsityLoss,loss_l1,raw_l1,coefficient,l0,explainedVariance,deadFeatures,learningRate,tokensPerSecond';
const line = (step: number): string => `${step},${step * 100},1.5,1,0.5,0.5,2,0.25,8,0.75,3,0.001,1000`;
const text = (...lines: string[]): string => lines.map((each) => `${each}\n`).join('');

test('rows are lines, written at once; a training that goes on drops those after its start', async () => {
  const path = join(folder, 'runs', 'metrics.csv');
  const log = await openCsvLog(path);
  for (const step of [25, 50, 75]) await log.metrics(metricsRow(step));
  expect(await readFile(path, 'utf8')).toBe(text(header, line(25), line(50), line(75)));
  await log.close();
  await appendFile(path, '100,100'); // killed in the middle of a line

  const resumed = await openCsvLog(path, { from: 50 });
  expect(await readFile(path, 'utf8')).toBe(text(header, line(25), line(50)));
  await resumed.metrics(metricsRow(75));
  expect(await readFile(path, 'utf8')).toBe(text(header, line(25), line(50), line(75)));
  await expect(resumed.metrics(metricsRow(100, { losses: {} }))).rejects.toThrow('has the columns step,tokens');
  await resumed.close();
  await (await openCsvLog(path)).close();
  expect(await readFile(path, 'utf8')).toBe('');
});

test('the evaluation lies beside the table; several logs are one', async () => {
  const paths = ['a.csv', 'b.csv'].map((name) => join(folder, name));
  const log = everyLog(await Promise.all(paths.map((path) => openCsvLog(path))));
  await log.metrics(metricsRow(25));
  await log.evaluation({ tokens: 10, l0: 8 } as Parameters<typeof log.evaluation>[0]);
  await log.close();
  for (const path of paths) expect(await readFile(path, 'utf8')).toBe(text(header, line(25)));
  expect(JSON.parse(await readFile(join(folder, 'b.evaluation.json'), 'utf8'))).toEqual({ tokens: 10, l0: 8 });
});
