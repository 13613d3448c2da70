import { openEngine } from '@monosema/engine';
import { loadModel, tokenContexts } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { expect, test } from 'vitest';
import { modelSource } from './activation-source.ts';

test('values are those of one pass for all hook points; special tokens are those that are said to be', async () => {
  const [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
  const { documents } = await openDataSet('tinystories');
  const contexts = tokenContexts(model.tokenizer, documents('train').slice(0, 4), 16);
  const text = { model, trainContexts: contexts.slice(0, 6), heldOutContexts: contexts.slice(6, 8) };
  const source = modelSource(engine, text);
  expect(source.excludedTokens).toEqual([0, 1, 2]);
  expect(modelSource(engine, { ...text, excludedTokens: [] }).excludedTokens).toEqual([]);
  expect(modelSource(engine, { ...text, excludedTokens: [9, 1, 9] }).excludedTokens).toEqual([1, 9]);
  expect(() => modelSource(engine, { ...text, excludedTokens: [512] })).toThrow('excludedTokens has 512, but ids run');

  const hookPoints = ['blocks.0.hook_resid_pre', 'blocks.3.mlp.hook_post'];
  const reader = await source.open(hookPoints, 16);
  const values = await reader.read('train', Int32Array.of(5, 2));
  expect(Object.keys(values)).toEqual(hookPoints);
  expect(values[hookPoints[1]!]).toHaveLength(2 * 16 * source.width(hookPoints[1]!));
  const one = await reader.read('train', Int32Array.of(2));
  const half = values[hookPoints[1]!]!.subarray(16 * source.width(hookPoints[1]!));
  one[hookPoints[1]!]!.forEach((value, i) => expect(value).toBeCloseTo(half[i]!, 4));
  await reader.close();
  await engine.close();
});
