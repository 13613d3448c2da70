import { z } from 'zod';

/**
 * A zod issue in words for the person who filled in the field, without the field's name; undefined leaves zod's own.
 * A schema's own message always wins over this one.
 *
 * @example describeIssue(issue) // "must be at least 1"
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input);
    case 'too_small':
      return sizeMessage('at least', issue.origin, issue.minimum, issue.inclusive);
    case 'too_big':
      return sizeMessage('at most', issue.origin, issue.maximum, issue.inclusive);
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address, as in ada@example.org' : undefined;
    default:
      return undefined;
  }
}

/** Makes these the messages of every schema of this process that has none of its own. */
export const usePlainIssueMessages = (): void => {
  z.config({ customError: describeIssue });
};

function describeType(expected: string, input: unknown): string {
  if (expected === 'int') return 'must be a whole number';
  const missing = input === undefined || input === null || Number.isNaN(input);
  return missing ? `is missing; a ${expected} is needed` : `must be a ${expected}`;
}

function sizeMessage(bound: 'at least' | 'at most', origin: string, limit: number | bigint, inclusive = true): string {
  if (origin === 'string')
    return limit === 1 && bound === 'at least' ? 'must not be empty' : `must have ${bound} ${limit} characters`;
  if (origin === 'array') return `must have ${bound} ${limit} entries`;
  const number = limit.toLocaleString('en');
  if (inclusive) return `must be ${bound} ${number}`;
  return `must be ${bound === 'at least' ? 'more' : 'less'} than ${number}`;
}
