'use server';

import { TRPCError } from '@trpc/server';
import { AuthError } from 'next-auth';
import { redirect } from 'next/navigation';
import { fieldsOf } from '@monosema/api';
import { signIn } from '../../server/auth.ts';
import { serverCaller } from '../../server/caller.ts';
import type { AccountFormState } from './account-form-state.ts';
import { returnPath } from './return-path.ts';

/** Signs in and goes where the person wanted to go. */
export async function signInAction(_before: AccountFormState, form: FormData): Promise<AccountFormState> {
  return enter(form);
}

/** Makes an account, signs in, and goes where the person wanted to go. */
export async function signUpAction(_before: AccountFormState, form: FormData): Promise<AccountFormState> {
  const account = { name: textOf(form, 'name'), email: textOf(form, 'email'), password: textOf(form, 'password') };
  const refused = await refusalOf(form, async () => (await serverCaller()).account.signUp(account));
  return refused ?? enter(form);
}

/** Uses a one-time link up, signs the new admin in, and goes home. */
export async function claimAdminAction(_before: AccountFormState, form: FormData): Promise<AccountFormState> {
  const account = { name: textOf(form, 'name'), email: textOf(form, 'email'), password: textOf(form, 'password') };
  const token = textOf(form, 'token');
  const refused = await refusalOf(form, async () => (await serverCaller()).account.claimAdmin({ token, ...account }));
  return refused ?? enter(form);
}

/** Signs in with the form's e-mail and password; a redirect on success. */
async function enter(form: FormData): Promise<AccountFormState> {
  try {
    await signIn('credentials', { email: textOf(form, 'email'), password: textOf(form, 'password'), redirect: false });
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return { message: signInFault(error), values: valuesOf(form) };
  }
  redirect(returnPath(form.get('next')));
}

function signInFault(error: AuthError): string {
  if ('code' in error && error.code === 'too-many-attempts')
    return 'Too many attempts for this address. Try again in five minutes.';
  if (error.type === 'CredentialsSignin') return 'E-mail and password do not fit together.';
  console.error('sign-in:', error.cause ?? error);
  return 'Signing in failed on the server.';
}

/** What the form should show when `ask` is refused, or null when it is not. */
async function refusalOf(form: FormData, ask: () => Promise<unknown>): Promise<AccountFormState | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    if (!(error instanceof TRPCError) || error.code === 'INTERNAL_SERVER_ERROR') throw error;
    const fields = fieldsOf(error);
    return { fields, values: valuesOf(form), ...(Object.keys(fields).length === 0 && { message: error.message }) };
  }
}

const valuesOf = (form: FormData): AccountFormState['values'] => ({
  name: textOf(form, 'name'),
  email: textOf(form, 'email'),
});

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
