import { TRPCError } from '@trpc/server';
import { z } from 'zod';

/** Messages by input field, as a form shows them; `''` holds what belongs to no single field. */
export type FieldMessages = Record<string, string[]>;

/** What a refused request says beyond its message; travels as the `cause` of a TRPCError. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    message: string,
    readonly details: { fields?: FieldMessages; nearest?: readonly string[] } = {},
  ) {
    super(message);
  }
}

/**
 * A request that is well formed, but asks for what cannot be, by field.
 *
 * @example throw fieldErrors([{ path: 'sourceId', message: 'stories-260k/2-res-tk exists; choose another name' }])
 */
export function fieldErrors(issues: readonly { path: string; message: string }[]): TRPCError {
  const fields: FieldMessages = {};
  for (const { path, message } of issues) (fields[path] ??= []).push(message);
  const message = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
  return new TRPCError({ code: 'BAD_REQUEST', message, cause: new Refusal(message, { fields }) });
}

/**
 * Something that is not there.
 *
 * @param nearest paths of the closest things that are, best first
 * @example throw notFound('there is no model "gpt2-smal"', ['/gpt2-small'])
 */
export const notFound = (message: string, nearest: readonly string[] = []): TRPCError =>
  new TRPCError({ code: 'NOT_FOUND', message, cause: new Refusal(message, { nearest }) });

/** The messages that an error has for single fields: zod's issues, or ours. */
export function fieldsOf(error: TRPCError): FieldMessages {
  if (error.cause instanceof Refusal) return error.cause.details.fields ?? {};
  const fields: FieldMessages = {};
  const issues = error.cause instanceof z.ZodError ? error.cause.issues : [];
  for (const issue of issues) (fields[issue.path.join('.')] ??= []).push(issue.message);
  return fields;
}

/** The paths that a NOT_FOUND error suggests instead, best first. */
export const nearestOf = (error: TRPCError): readonly string[] =>
  error.cause instanceof Refusal ? (error.cause.details.nearest ?? []) : [];
