import Link from 'next/link';
import { AccountLink } from './account-link.tsx';
import { Logo } from './logo.tsx';
import { SearchBox } from './search-box.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

/** One row on a desk, two on a phone: the search box is everywhere. */
export function SiteHeader() {
  return (
    <header className="border-line bg-surface-raised border-b">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2 sm:px-6">
        <Link href="/" className="flex items-center gap-2 font-semibold tracking-tight">
          <Logo />
          Monosema
        </Link>
        <div className="order-last w-full sm:order-none sm:max-w-lg sm:flex-1">
          <SearchBox id="site-search" shortcut />
        </div>
        <nav aria-label="Site" className="ml-auto flex items-center gap-1 text-sm">
          <Link href="/runs" className="text-muted hover:text-ink hover:bg-surface-sunken rounded-md px-2.5 py-2">
            Runs
          </Link>
          <ThemeToggle />
          <AccountLink />
        </nav>
      </div>
    </header>
  );
}
