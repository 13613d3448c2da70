/**
 * Where to go after signing in: a path of this site, whatever the address said.
 *
 * @example returnPath('//evil.example') // "/"
 */
export function returnPath(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return '/';
  const site = 'http://site.invalid';
  const url = URL.canParse(next, site) ? new URL(next, site) : null;
  return url?.origin === site ? `${url.pathname}${url.search}${url.hash}` : '/';
}
