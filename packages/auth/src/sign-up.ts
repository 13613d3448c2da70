import { z } from 'zod';
import type { Db } from '@monosema/db';
import { insertUser, putPassword, type User } from '@monosema/db/queries';
import { hashPassword } from './password.ts';

const emailSchema = z.string().trim().toLowerCase().pipe(z.email('must be an e-mail address').max(254));

/** What a person says to get an account. */
export const signUpSchema = z.object({
  name: z.string().trim().min(1, 'must not be empty').max(80, 'must have at most 80 characters'),
  email: emailSchema,
  password: z.string().min(10, 'must have at least 10 characters').max(200, 'must have at most 200 characters'),
});
export type SignUpInput = z.infer<typeof signUpSchema>;

/** What a person says to sign in; a wrong form is simply a wrong password. */
export const signInSchema = z.object({ email: emailSchema, password: z.string().min(1).max(200) });

/** What is wrong with an account form, by field. */
export interface AccountIssue {
  path: keyof SignUpInput;
  message: string;
}

export type SignUpOutcome = { ok: true; user: User } | { ok: false; issues: AccountIssue[] };

/**
 * Makes a member's account. Bad fields and a taken e-mail address are told by field.
 *
 * @example await signUp(db, { name: 'Ada', email: 'ada@example.org', password: 'analytical engine' })
 */
export async function signUp(db: Db, input: z.input<typeof signUpSchema>): Promise<SignUpOutcome> {
  const parsed = signUpSchema.safeParse(input);
  if (!parsed.success) return { ok: false, issues: accountIssues(parsed.error) };
  const { name, email, password } = parsed.data;
  const passwordHash = await hashPassword(password);
  return db.transaction(async (tx) => {
    const user = await insertUser(tx, { name, email });
    if (!user) return { ok: false, issues: [{ path: 'email', message: 'has an account already; sign in instead' }] };
    await putPassword(tx, user.id, passwordHash);
    return { ok: true, user };
  });
}

/** Zod's issues as a form shows them. */
export const accountIssues = (error: z.ZodError): AccountIssue[] =>
  error.issues.map((issue) => ({ path: String(issue.path[0]) as keyof SignUpInput, message: issue.message }));
