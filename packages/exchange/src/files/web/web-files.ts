import { ImportError } from '../../import-error.ts';
import { baseName, type ImportFiles } from '../import-files.ts';
import { filesOf, listingOf, manifestName, parseManifest } from '../manifest.ts';
import { defaultWebSettings, type WebSettings } from './get.ts';
import { readTextOrNull, readUrl } from './read-url.ts';

/** The files under an address that any web server serves: listed, with their checksums, by the manifest of our exports. */
export async function manifestFiles(
  url: URL,
  settings: WebSettings = defaultWebSettings,
  signal?: AbortSignal,
): Promise<ImportFiles | null> {
  const root = asFolder(url);
  const text = await readTextOrNull(new URL(manifestName, root), settings, { signal });
  if (text === null) return null;
  const files = filesOf(parseManifest(text));
  return {
    name: root.href,
    list: (folder) => Promise.resolve(listingOf(files, folder)),
    read: (file, whileReading) =>
      readUrl(new URL(file.path.split('/').map(encodeURIComponent).join('/'), root), settings, {
        bytes: file.bytes,
        signal: whileReading,
      }),
  };
}

/** One file at an address. */
export function oneWebFile(url: URL, settings: WebSettings = defaultWebSettings): ImportFiles {
  const file = { path: decodeURIComponent(baseName(url.pathname)), bytes: null, checksum: null };
  return {
    name: `${url.origin}${url.pathname}`,
    list: (folder) => Promise.resolve({ files: folder === '' ? [file] : [], folders: [] }),
    read: (_, signal) => readUrl(url, settings, { bytes: null, signal }),
  };
}

export function asFolder(url: URL): URL {
  if (url.search !== '') throw new ImportError(`${url.origin}${url.pathname} has a query, which no folder has`);
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/`, url);
}
