import { useId, type ReactNode } from 'react';

/** What a control takes over from its field, so that label, explanation and fault belong to it. */
export interface ControlProps {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

/** A labelled control with an explanation and, once the server refused the value, the reason. */
export function FormField(props: {
  label: string;
  hint?: ReactNode;
  faults?: string[];
  children: (control: ControlProps) => ReactNode;
}) {
  const { label, hint, faults = [], children } = props;
  const id = useId();
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-fault ${id}-hint`, 'aria-invalid': faults.length > 0 })}
      <p id={`${id}-fault`} className="text-sm text-danger empty:hidden">
        {faults.join('; ')}
      </p>
      <p id={`${id}-hint`} className="text-sm text-muted empty:hidden">
        {hint}
      </p>
    </div>
  );
}
