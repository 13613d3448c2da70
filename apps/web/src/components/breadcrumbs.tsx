import Link from 'next/link';

export interface Crumb {
  name: string;
  href: string;
}

/** Where a page lies; the last crumb is the page itself. The one before answers to "u". */
export function Breadcrumbs({ crumbs, here }: { crumbs: readonly Crumb[]; here: string }) {
  return (
    <nav aria-label="Breadcrumb" className="text-muted min-w-0 font-mono text-sm">
      <ol className="flex flex-wrap items-center">
        {crumbs.map(({ name, href }, i) => (
          <li key={href}>
            <Link
              href={href}
              className="hover:text-accent underline-offset-4 hover:underline"
              data-shortcut={i === crumbs.length - 1 ? 'up' : undefined}
            >
              {name}
            </Link>
            <span aria-hidden="true" className="text-line-strong px-1.5">
              /
            </span>
          </li>
        ))}
        <li aria-current="page" className="text-ink">
          {here}
        </li>
      </ol>
    </nav>
  );
}
