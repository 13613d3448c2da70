import type { ReactNode } from 'react';
import { FormField } from './form-field.tsx';

/** A number, kept as typed: "1e-3" and "3,000,000" are fine. */
export function NumberField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint: ReactNode;
  faults?: string[];
}) {
  const { label, value, onChange, hint, faults } = props;
  return (
    <FormField label={label} hint={hint} faults={faults}>
      {(control) => (
        <input
          {...control}
          className="field font-mono"
          inputMode="decimal"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FormField>
  );
}
