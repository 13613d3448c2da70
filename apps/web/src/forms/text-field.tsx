import type { HTMLInputAutoCompleteAttribute, ReactNode } from 'react';
import { FormField } from './form-field.tsx';

/** One line of text in a form that is sent as a whole; `defaultValue` brings back what was typed after a refusal. */
export function TextField(props: {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  autoComplete: HTMLInputAutoCompleteAttribute;
  defaultValue?: string;
  hint?: ReactNode;
  faults?: string[];
}) {
  const { name, label, type = 'text', autoComplete, defaultValue, hint, faults } = props;
  return (
    <FormField label={label} hint={hint} faults={faults}>
      {(control) => (
        <input
          {...control}
          className="field"
          name={name}
          type={type}
          autoComplete={autoComplete}
          defaultValue={defaultValue}
          required
        />
      )}
    </FormField>
  );
}
