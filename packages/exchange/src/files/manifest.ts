import { z } from 'zod';
import { parseJson } from '../bytes/json-text.ts';
import { ImportError } from '../import-error.ts';
import { below, inNaturalOrder, type FolderListing, type ImportFile } from './import-files.ts';

/** The file that our exports have at their root, so that what a web server serves can be listed and checked. */
export const manifestName = 'manifest.json';

const manifestSchema = z.object({
  format: z.literal('monosema-exchange'),
  version: z.literal(1),
  files: z.array(
    z.object({
      path: z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\]+$/, 'a path below the root'),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** @throws ImportError when the text is no manifest */
export function parseManifest(text: string): Manifest {
  const parsed = manifestSchema.safeParse(tryJson(text));
  if (!parsed.success) throw new ImportError(`${manifestName} is none of ours: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Null where it is another tool's manifest: then it is a file like any other. */
export function manifestOrNull(text: string): Manifest | null {
  const json = tryJson(text);
  return z.object({ format: z.literal('monosema-exchange') }).safeParse(json).success ? parseManifest(text) : null;
}

function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

export const filesOf = ({ files }: Manifest): ImportFile[] =>
  files.map(({ path, bytes, sha256 }) => ({ path, bytes, checksum: { algorithm: 'sha256', hex: sha256 } }));

/** What a list of all files has in one folder. */
export function listingOf(files: readonly ImportFile[], folder: string): FolderListing {
  const prefix = folder === '' ? '' : below(folder, '');
  const inside = files.filter(({ path }) => path.startsWith(prefix));
  const isDirect = ({ path }: ImportFile): boolean => !path.slice(prefix.length).includes('/');
  const folders = new Set(
    inside.filter((file) => !isDirect(file)).map(({ path }) => path.slice(prefix.length).split('/')[0]!),
  );
  return {
    files: inside.filter(isDirect).sort((a, b) => inNaturalOrder(a.path, b.path)),
    folders: [...folders].sort(inNaturalOrder),
  };
}
