'use client';

import { useActionState, useEffect, useRef, type ReactNode } from 'react';
import { TextField } from '../../forms/text-field.tsx';
import type { AccountAction, AccountFormState } from './account-form-state.ts';

/** Name, e-mail and password, sent to a server action; works before scripts have loaded. */
export function AccountForm(props: {
  action: AccountAction;
  submitLabel: string;
  newAccount: boolean;
  /** Values that are sent along: where to go next, a token. */
  hidden: Record<string, string>;
  children?: ReactNode;
}) {
  const { action, submitLabel, newAccount, hidden, children } = props;
  const [state, submit, pending] = useActionState<AccountFormState, FormData>(action, {});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [state]);
  return (
    <form ref={form} action={submit} className="space-y-4" noValidate>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {state.message !== undefined && (
        <p role="alert" className="card border-danger bg-danger-soft p-3 text-danger">
          {state.message}
        </p>
      )}
      {newAccount && (
        <TextField
          name="name"
          label="Name"
          autoComplete="name"
          defaultValue={state.values?.name}
          faults={state.fields?.name}
          hint="Shown beside your labels."
        />
      )}
      <TextField
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        defaultValue={state.values?.email}
        faults={state.fields?.email}
      />
      <TextField
        name="password"
        label="Password"
        type="password"
        autoComplete={newAccount ? 'new-password' : 'current-password'}
        faults={state.fields?.password}
        hint={newAccount ? 'At least 10 characters.' : undefined}
      />
      <button type="submit" className="button button-primary w-full" disabled={pending}>
        {submitLabel}
      </button>
      {children}
    </form>
  );
}
