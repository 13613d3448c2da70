import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What goes wrong. */
export interface BucketFaults {
  /** Status to answer with in place of the right one. */
  status?: (seen: SeenRequest, nth: number) => number | null;
  /** Bytes of a body after which the connection breaks. */
  breakAfter?: (seen: SeenRequest, nth: number) => number | null;
  ignoreRange?: boolean;
  /** Whether the answer never comes. */
  silent?: (seen: SeenRequest) => boolean;
  /** Headers in place of the right ones. */
  headers?: (seen: SeenRequest) => Record<string, string>;
  tamper?: (seen: SeenRequest, bytes: Uint8Array) => Uint8Array;
}

/** A store on the loopback interface that answers as S3 does to lists (`pageSize` keys a page) and to GET with Range and If-Match. */
export class BucketServer {
  readonly seen: SeenRequest[] = [];
  faults: BucketFaults = {};
  pageSize = 2;
  readonly #server: Server;

  private constructor(readonly buckets: Record<string, Record<string, Uint8Array>>) {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(buckets: Record<string, Record<string, Uint8Array>>): Promise<BucketServer> {
    const server = new BucketServer(buckets);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.endpoint);
    const { range, authorization } = request.headers;
    const seen: SeenRequest = { path: url.pathname, query: url.searchParams, range, authorization };
    this.seen.push(seen);
    const nth = this.seen.filter(({ path }) => path === seen.path).length;
    if (this.faults.silent?.(seen)) return;
    const status = this.faults.status?.(seen, nth);
    if (status) return void response.writeHead(status).end('<Error><Code>SlowDown</Code></Error>');
    const [bucket, ...rest] = decodeURIComponent(url.pathname).slice(1).split('/');
    const objects = this.buckets[bucket!];
    if (!objects) return void response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>');
    if (url.searchParams.get('list-type') === '2') return this.#list(objects, url.searchParams, response);
    const bytes = objects[rest.join('/')];
    if (!bytes) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    this.#send(seen, nth, request, response, bytes);
  }

  #list(objects: Record<string, Uint8Array>, query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? '';
    const entries = new Map<string, Uint8Array | null>();
    for (const key of Object.keys(objects).sort()) {
      if (!key.startsWith(prefix)) continue;
      const slash = key.indexOf('/', prefix.length);
      if (slash < 0) entries.set(key, objects[key]!);
      else entries.set(key.slice(0, slash + 1), null);
    }
    const from = Number(query.get('continuation-token') ?? 0);
    const page = [...entries].slice(from, from + this.pageSize);
    const more = from + this.pageSize < entries.size;
    // As S3 does: "/" stays, a space is "+".
    const encoded = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
    const body = page.map(([key, bytes]) =>
      bytes
        ? `<Contents><Key>${encoded(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${md5(bytes)}&quot;</ETag><Size>${bytes.length}</Size></Contents>`
        : `<CommonPrefixes><Prefix>${encoded(key)}</Prefix></CommonPrefixes>`,
    );
    const next = more ? `<NextContinuationToken>${from + this.pageSize}</NextContinuationToken>` : '';
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>${encoded(prefix)}</Prefix><IsTruncated>${more}</IsTruncated>${next}<EncodingType>url</EncodingType>${body.join('')}</ListBucketResult>`,
    );
  }

  #send(seen: SeenRequest, nth: number, request: IncomingMessage, response: ServerResponse, whole: Uint8Array): void {
    const etag = `"${md5(whole)}"`;
    if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== etag)
      return void response.writeHead(412).end();
    const bytes = this.faults.tamper?.(seen, whole) ?? whole;
    const range = this.faults.ignoreRange ? null : /^bytes=(\d+)-$/.exec(seen.range ?? '');
    const start = range ? Number(range[1]) : 0;
    response.writeHead(range ? 206 : 200, {
      'content-length': bytes.length - start,
      etag,
      ...(range && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
      ...this.faults.headers?.(seen),
    });
    const broken = this.faults.breakAfter?.(seen, nth) ?? null;
    if (broken === null || start + broken >= bytes.length) return void response.end(bytes.subarray(start));
    response.write(bytes.subarray(start, start + broken), () => setTimeout(() => response.destroy(), 20));
  }
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
