import { expect, test } from 'vitest';
import { trainingRequestSchema } from '@monosema/catalog';
import type { z } from 'zod';
import { describeIssue } from './issue-message.ts';

const messagesOf = (schema: z.ZodType, value: unknown): Record<string, string> => {
  const issues = schema.safeParse(value, { error: describeIssue }).error?.issues ?? [];
  // The first issue of each field: entries are read from the last.
  return Object.fromEntries(issues.toReversed().map((issue) => [issue.path.join('.'), issue.message]));
};

const request = {
  modelId: 'stories-260k',
  dataSetId: 'tinystories',
  sourceId: '2-res-tk',
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk',
  dSae: 1024,
  k: 8,
  learningRate: 1e-3,
  trainingTokens: 1e6,
};

test('numbers out of range name the bound', () => {
  expect(messagesOf(trainingRequestSchema, { ...request, trainingTokens: -5, dSae: 1e9, learningRate: 0 })).toEqual({
    trainingTokens: 'must be at least 1',
    dSae: 'must be at most 131,072',
    learningRate: 'must be more than 0',
  });
});

test('missing, empty and fractional values say so', () => {
  expect(messagesOf(trainingRequestSchema, { ...request, dSae: 10.5, learningRate: NaN, dataSetId: '' })).toEqual({
    dSae: 'must be a whole number',
    learningRate: 'is missing; a number is needed',
    dataSetId: 'must not be empty',
  });
});

test("a schema's own message wins", () => {
  expect(messagesOf(trainingRequestSchema, { ...request, k: 2000 })).toEqual({
    k: 'k is 2000, but must be at most d_sae, which is 1024',
  });
  expect(messagesOf(trainingRequestSchema, { ...request, sourceId: 'res' }).sourceId).toContain('as in 8-res-jb');
});
