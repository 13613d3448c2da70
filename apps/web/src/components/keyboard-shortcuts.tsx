'use client';

import { useEffect, useRef } from 'react';

/**
 * What a key does is on the page: the key presses (or focuses) the element that carries its data-shortcut.
 * So a shortcut exists exactly where its link or button does, and works by click as well.
 */
const shortcuts = [
  { keys: ['/'], names: 'search', what: 'Search' },
  { keys: ['→', 'j'], names: 'next', what: 'Next feature or page' },
  { keys: ['←', 'k'], names: 'previous', what: 'Previous feature or page' },
  { keys: ['r'], names: 'random', what: 'A random feature of the same source' },
  { keys: ['u'], names: 'up', what: 'Up: feature, source, model, home' },
  { keys: ['c'], names: 'contexts', what: 'Short or whole contexts' },
  { keys: ['l'], names: 'label', what: 'Write a label' },
  { keys: ['t'], names: 'theme', what: 'Light or dark' },
  { keys: ['?'], names: 'help', what: 'This list' },
] as const;

const nameOfKey = new Map<string, string>(
  shortcuts.flatMap(({ keys, names }) =>
    keys.map((key) => [{ '→': 'ArrowRight', '←': 'ArrowLeft' }[key as string] ?? key, names]),
  ),
);

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

export function KeyboardShortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isWriting(event.target)) return;
      const name = nameOfKey.get(event.key);
      if (!name) return;
      if (name === 'help') {
        event.preventDefault();
        if (dialog.current?.open) dialog.current.close();
        else dialog.current?.showModal();
        return;
      }
      if (dialog.current?.open) return;
      if (pressShortcut(name)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby="shortcuts-title"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
      className="card text-ink backdrop:bg-surface-sunken/70 m-auto w-full max-w-md p-0"
    >
      <div className="p-5">
        <div className="mb-3 flex items-center justify-between">
          <h2 id="shortcuts-title">Keyboard</h2>
          <form method="dialog">
            <button className="button text-sm">Close</button>
          </form>
        </div>
        <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2 text-sm">
          {shortcuts.map(({ keys, what }) => (
            <div key={what} className="contents">
              <dt className="flex gap-1">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}

/** False where the page has nothing for this shortcut. */
function pressShortcut(name: string): boolean {
  const element = document.querySelector<HTMLElement>(`[data-shortcut~="${name}"]`);
  if (!element) return false;
  if (element instanceof HTMLInputElement && ['search', 'text'].includes(element.type)) {
    element.focus();
    element.select();
  } else if (element instanceof HTMLTextAreaElement) element.focus();
  else element.click();
  return true;
}
