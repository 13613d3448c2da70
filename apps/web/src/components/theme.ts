/** Where the choice of theme is kept; nothing is kept while it follows the system. */
export const themeKey = 'monosema-theme';

/** Runs in the head, before anything is painted: without it a remembered theme would flash. */
export const rememberedThemeScript = `try{var t=localStorage.getItem(${JSON.stringify(themeKey)});if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;

/** Switches light and dark. A choice that is the system's own is forgotten, so that the page follows the system again. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const next = (root.dataset.theme ?? system) === 'dark' ? 'light' : 'dark';
  if (next === system) delete root.dataset.theme;
  else root.dataset.theme = next;
  try {
    if (next === system) localStorage.removeItem(themeKey);
    else localStorage.setItem(themeKey, next);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}
