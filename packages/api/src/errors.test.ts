import { expect, test } from 'vitest';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { fieldErrors, fieldsOf, nearestOf, notFound } from './errors.ts';

test('NOT_FOUND carries what could have been meant', () => {
  const error = notFound('there is no model "gpt2-smal"', ['/gpt2-small']);
  expect(error.code).toBe('NOT_FOUND');
  expect(nearestOf(error)).toEqual(['/gpt2-small']);
  expect(nearestOf(new TRPCError({ code: 'NOT_FOUND' }))).toEqual([]);
});

test("faults are told by field, whether ours or zod's", () => {
  const ours = fieldErrors([
    { path: 'sourceId', message: 'is taken' },
    { path: 'sourceId', message: 'is ugly' },
    { path: 'hookPoint', message: 'is unknown' },
  ]);
  expect(fieldsOf(ours)).toEqual({ sourceId: ['is taken', 'is ugly'], hookPoint: ['is unknown'] });
  expect(ours.message).toBe('sourceId: is taken; sourceId: is ugly; hookPoint: is unknown');
  const cause = z.object({ a: z.object({ b: z.number() }) }).safeParse({ a: { b: 'x' } }).error;
  expect(Object.keys(fieldsOf(new TRPCError({ code: 'BAD_REQUEST', cause })))).toEqual(['a.b']);
  expect(fieldsOf(new TRPCError({ code: 'NOT_FOUND' }))).toEqual({});
});
