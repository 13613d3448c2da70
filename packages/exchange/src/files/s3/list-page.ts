import { ImportError } from '../../import-error.ts';

/** One page of ListObjectsV2. */
export interface ListPage {
  readonly objects: readonly { readonly key: string; readonly bytes: number; readonly etag: string | null }[];
  /** Common prefixes, each with "/" at its end. */
  readonly prefixes: readonly string[];
  /** Of the next page; null on the last. */
  readonly next: string | null;
}

/**
 * Reads the XML of a page. Keys are asked for in URL encoding, for XML 1.0 can't hold every character of a key.
 *
 * @throws ImportError when it is no such page
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function parseListPage(xml: string): ListPage {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new ImportError('the answer is no list of a bucket');
  const encoded = text(xml, 'EncodingType') === 'url';
  const key = (raw: string): string => (encoded ? decodeURIComponent(raw.replaceAll('+', ' ')) : raw);
  const objects = elements(xml, 'Contents').map((content) => {
    const bytes = Number(text(content, 'Size'));
    const name = text(content, 'Key');
    if (name === null || !Number.isSafeInteger(bytes)) throw new ImportError('the list of the bucket is malformed');
    return { key: key(name), bytes, etag: text(content, 'ETag') };
  });
  const truncated = text(xml, 'IsTruncated') === 'true';
  const next = text(xml, 'NextContinuationToken');
  if (truncated && next === null) throw new ImportError('the list of the bucket is cut off, without a way to go on');
  return {
    objects,
    prefixes: elements(xml, 'CommonPrefixes').map((each) => key(text(each, 'Prefix') ?? '')),
    next: truncated ? next : null,
  };
}

const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!);

function text(xml: string, name: string): string | null {
  const match = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
  return match ? unescapeXml(match[1]!) : null;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (raw: string): string =>
  raw.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(hex !== undefined ? parseInt(hex, 16) : Number(decimal));
  });
