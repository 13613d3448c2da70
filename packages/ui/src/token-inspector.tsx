'use client';

import {
  useLayoutEffect,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { visibleToken } from './visible-text.ts';

interface Inspected {
  text: string;
  id: string;
  activation: string;
  left: number;
  top: number;
}

/** Kept for the visit, so that going to the next feature keeps the view. */
const viewKey = 'monosema-whole-contexts';

/** Tells a heat map's tokens apart: one listener for all of them, nothing per token. */
export function TokenInspector({ children }: { children: ReactNode }): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [inspected, setInspected] = useState<Inspected | null>(null);

  useLayoutEffect(() => {
    // The browser's own tooltip serves readers without scripts; ours replaces it.
    for (const token of host.current?.querySelectorAll<HTMLElement>('b[title]') ?? []) {
      token.dataset.a = token.title;
      token.removeAttribute('title');
    }
  });
  useLayoutEffect(() => {
    const view = host.current?.querySelector('input');
    if (!view) return;
    view.checked = sessionStorage.getItem(viewKey) === 'on';
    const remember = (): void => sessionStorage.setItem(viewKey, view.checked ? 'on' : 'off');
    view.addEventListener('change', remember);
    return () => view.removeEventListener('change', remember);
  }, []);

  const show = (event: PointerEvent | FocusEvent): void => {
    const token =
      event.target instanceof Element ? event.target.closest<HTMLElement>('.heat-map i, .heat-map b') : null;
    setInspected(token && host.current ? inspect(token, host.current) : null);
  };
  const hide = (): void => setInspected(null);

  return (
    <div
      ref={host}
      className="relative"
      onPointerOver={show}
      onPointerLeave={hide}
      onFocus={show}
      onBlur={hide}
      onKeyDown={walk}
    >
      {children}
      {inspected && (
        <div role="status" className="token-tooltip" style={{ left: inspected.left, top: inspected.top }}>
          <code>{inspected.text || '(part of the character before)'}</code>
          <span>id {inspected.id}</span>
          <span>{inspected.activation === '' ? 'silent' : inspected.activation}</span>
        </div>
      )}
    </div>
  );
}

function inspect(token: HTMLElement, host: HTMLElement): Inspected {
  const line = token.closest('p')!;
  const position = [...line.querySelectorAll('i, b')].indexOf(token);
  const box = token.getClientRects()[0] ?? token.getBoundingClientRect();
  const frame = host.getBoundingClientRect();
  return {
    text: visibleToken(
      (token.textContent ?? '').replaceAll('↵', '') + '\n'.repeat(token.querySelectorAll('br').length),
    ),
    id: line.dataset.ids?.split(' ')[position] ?? '?',
    activation: token.dataset.a ?? '',
    left: Math.max(0, Math.min(box.left - frame.left, frame.width - 220)),
    top: box.bottom - frame.top + 4,
  };
}

/** Arrow keys go from one firing token of a line to the next; Escape leaves. */
function walk(event: KeyboardEvent): void {
  const token = event.target;
  if (!(token instanceof HTMLElement) || token.tagName !== 'B') return;
  if (event.key === 'Escape') token.blur();
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  event.preventDefault();
  event.nativeEvent.stopImmediatePropagation();
  const firing = [...(token.closest('p')?.querySelectorAll<HTMLElement>('b') ?? [])].filter(
    (other) => other.offsetParent !== null,
  );
  const next = firing[firing.indexOf(token) + (event.key === 'ArrowRight' ? 1 : -1)];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
}
