'use client';

import { toggleTheme } from './theme.ts';

export function ThemeToggle() {
  return (
    <button
      type="button"
      onClick={toggleTheme}
      data-shortcut="theme"
      title="Light or dark (t)"
      aria-label="Switch between light and dark"
      className="text-muted hover:text-ink hover:bg-surface-sunken grid size-9 place-items-center rounded-md"
    >
      <svg viewBox="0 0 20 20" width="18" height="18" fill="currentColor" aria-hidden="true">
        <path d="M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 1.5v13a6.5 6.5 0 0 1 0-13Z" />
      </svg>
    </button>
  );
}
