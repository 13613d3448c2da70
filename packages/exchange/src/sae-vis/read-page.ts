import { afterMarker } from '../bytes/after-marker.ts';
import { gunzipped } from '../bytes/gunzip.ts';
import { jsonMembers, type JsonMember } from '../bytes/json-members.ts';
import { dashboardOf } from './dashboard.ts';
import { Fields, RowError } from '../fields.ts';
import { ImportError, MalformedError } from '../import-error.ts';
import type { ImportedExample, ImportedFeature } from '../records.ts';

/** In a page, the data is what the body of this function returns. */
const marker = 'function defineData() {';

const isHtml = (path: string): boolean => /\.html?(\.gz)?$/.test(path);

/** The members of the data: a dashboard by feature. */
async function* members(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JsonMember> {
  const content = gunzipped(bytes);
  if (!isHtml(path)) return yield* jsonMembers(content);
  yield* jsonMembers(afterMarker(afterMarker(content, marker), 'return '), { more: true });
}

/** Whether the first feature of a file is one of sae_vis. */
export async function looksLikePage(path: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
  try {
    for await (const { key, value } of members(path, bytes)) {
      if (key === 'DASHBOARD_DATA')
        throw new ImportError(
          `${path} is a page of SAEDashboard, which shows less than was computed: import its batch-*.json`,
        );
      return /^\d+$/.test(key) && typeof value === 'object' && value !== null && 'seqMultiGroup' in value;
    }
    return false;
  } catch (error) {
    // Another page, or other data.
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

/**
 * The features of a page of sae_vis 0.3, or of the JSON cut from one, each followed by its examples, one feature in
 * memory at a time.
 *
 * @throws MalformedError
 */
export async function* readPage(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ place: string; record: ImportedFeature | ImportedExample | RowError }> {
  for await (const { key, value } of members(path, bytes)) {
    const place = `feature ${key}`;
    try {
      for (const record of dashboardOf(new Fields({ index: key }).index('index'), new Fields(value)))
        yield { place, record };
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      yield { place, record: error };
    }
  }
}
