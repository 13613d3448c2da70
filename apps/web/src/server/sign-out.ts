'use server';

import { signOut } from './auth.ts';

/** Ends the session and goes home. For a form: `<form action={signOutAction}>`. */
export async function signOutAction(): Promise<void> {
  await signOut({ redirectTo: '/' });
}
