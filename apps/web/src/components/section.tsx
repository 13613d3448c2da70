import { useId, type ReactNode } from 'react';

interface SectionProps {
  title: string;
  /** One sentence beside the title. */
  note?: ReactNode;
  /** Links or buttons at the end of the title's row. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A titled part of a page. */
export function Section({ title, note, actions, children, className }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={className}>
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 id={id}>{title}</h2>
        {note && <p className="text-muted text-sm">{note}</p>}
        {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
