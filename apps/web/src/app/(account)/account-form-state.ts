/** What an account form shows after it was sent and refused. */
export interface AccountFormState {
  /** What is wrong as a whole. */
  message?: string;
  /** What is wrong by field. */
  fields?: Record<string, string[]>;
  /** What was typed, but for the password. */
  values?: { name?: string; email?: string };
}

export type AccountAction = (before: AccountFormState, form: FormData) => Promise<AccountFormState>;
