import { readFile } from 'node:fs/promises';
import { evaluationSchema } from '@monosema/catalog';
import { HubError, openRepository, type Repository, type RepositoryId } from '@monosema/hub';
import { z } from 'zod';
import { evaluationFile } from '../saved-evaluation.ts';
import type { ListedSae } from './listed-sae.ts';
import { cardMark } from './card.ts';

/** What a repository holds before a push. */
export interface RepositoryState {
  /** SAEs in it, by what is in their small files. */
  saes: ListedSae[];
  /** Whether a person wrote its README.md. */
  hasOwnCard: boolean;
}

const configPath = /^(?:(.+)\/)?cfg\.json$/;
/** Of more SAEs than these the card has the names only. */
const mostRead = 200;

/** Looks into a repository; null when there is none yet. */
export async function repositoryState(id: RepositoryId, signal: AbortSignal): Promise<RepositoryState | null> {
  const repository = await absentAsNull(() => openRepository(id, { signal }));
  if (!repository) return null;
  const paths = repository.files.map(({ path }) => path).sort();
  const folders = paths.flatMap((path) => {
    const match = configPath.exec(path);
    return match ? [match[1] ?? ''] : [];
  });
  const saes: ListedSae[] = [];
  for (const [place, folder] of folders.entries())
    saes.push(place < mostRead ? await listed(repository, paths, folder) : { id: folder, ...nothingKnown });
  const card = paths.includes('README.md') ? await readFile(await repository.fetch('README.md'), 'utf8') : '';
  return { saes, hasOwnCard: !card.includes(cardMark) && textOf(card) !== '' };
}

async function absentAsNull(open: () => Promise<Repository>): Promise<Repository | null> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof HubError && error.reason === 'unknown') return null;
    throw error;
  }
}

/** A card without its front matter, which the hub writes by itself where a licence was chosen. */
const textOf = (card: string): string => card.replace(/^---[\s\S]*?\n---/, '').trim();

const nothingKnown = { architecture: null, hookPoint: null, dSae: null, k: null, evaluation: null };
const configSchema = z.object({
  architecture: z.string().nullable().default(null),
  d_sae: z.number().nullable().default(null),
  k: z.number().nullable().default(null),
  /** SAELens 5. */
  hook_name: z.string().nullable().default(null),
  metadata: z.object({ hook_name: z.string().nullable().default(null) }).optional(),
});

async function listed(repository: Repository, paths: readonly string[], folder: string): Promise<ListedSae> {
  const parse = async <T extends z.ZodType>(name: string, schema: T): Promise<z.infer<T> | null> => {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (!paths.includes(path)) return null;
    const text = await readFile(await repository.fetch(path), 'utf8');
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      // Files of others may be of any kind: what is not understood is not told.
      return null;
    }
  };
  const config = await parse('cfg.json', configSchema);
  const evaluation = await parse(evaluationFile, evaluationSchema);
  if (!config) return { id: folder, ...nothingKnown, evaluation };
  const { architecture, d_sae: dSae, k, hook_name, metadata } = config;
  return { id: folder, architecture, hookPoint: metadata?.hook_name ?? hook_name, dSae, k, evaluation };
}
