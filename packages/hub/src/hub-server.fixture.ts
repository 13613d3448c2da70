import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const hex = (algorithm: string, ...parts: (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest('hex');

/** A repository of the fake hub. Files of a kilobyte or more are LFS ones, and come from another host, as on the real one. */
export interface FakeRepository {
  files: Record<string, Uint8Array>;
  /** Commit by branch or tag. */
  refs: Record<string, string>;
  access?: 'public' | 'private' | 'gated';
  tags?: string[];
  movedTo?: string;
}

export interface Seen {
  readonly method: string;
  readonly host: 'hub' | 'files';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What goes wrong, per request; the first answer that is not null counts. */
export interface Faults {
  /** Status to answer with in place of the hub's. */
  status?: (seen: Seen) => number | null;
  /** Bytes of a body after which the connection breaks. */
  breakAfter?: (seen: Seen) => number | null;
  ignoreRange?: boolean;
  /** Changes the bytes of a file. */
  tamper?: (seen: Seen, bytes: Uint8Array) => Uint8Array;
}

/**
 * A server on the loopback interface that answers as huggingface.co does where the client asks: revision, tree (two files a
 * page), resolve with redirects, Range and the headers that Python's huggingface_hub reads.
 */
export class HubServer {
  readonly seen: Seen[] = [];
  faults: Faults = {};
  readonly token = 'hf_secretOfTheTests';
  readonly #hub: Server;
  readonly #files: Server;

  private constructor(readonly repositories: Record<string, FakeRepository>) {
    this.#hub = createServer((request, response) => this.#answer('hub', request, response));
    this.#files = createServer((request, response) => this.#answer('files', request, response));
  }

  static async start(repositories: Record<string, FakeRepository>): Promise<HubServer> {
    const server = new HubServer(repositories);
    for (const each of [server.#hub, server.#files])
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const each of [this.#hub, this.#files]) {
      each.closeAllConnections();
      await new Promise((resolve) => each.close(resolve));
    }
  }

  #answer(host: Seen['host'], request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.endpoint);
    const seen: Seen = {
      method: request.method!,
      host,
      path: url.pathname,
      range: request.headers.range,
      authorization: request.headers.authorization,
    };
    this.seen.push(seen);
    const status = this.faults.status?.(seen);
    if (status) return void response.writeHead(status).end();
    if (host === 'files') return this.#send(seen, request, response);
    const match =
      /^\/(?:api\/(models|datasets)\/|(datasets)\/)?(.+?)\/(revision|tree|resolve)\/([^/]+)(?:\/(.+))?$/.exec(
        url.pathname,
      );
    if (!match) return refuse(response, 404, 'RepoNotFound');
    const [, api, data, name, action, revision, path] = match.map((part) => part && decodeURIComponent(part));
    const key = (api ?? data) === 'datasets' ? `datasets/${name}` : name!;
    const repository = this.repositories[key];
    if (!repository) return refuse(response, 401, 'RepoNotFound');
    if (repository.movedTo) {
      const location = request.url!.replace(name!, repository.movedTo);
      return void response.writeHead(307, { location }).end();
    }
    const signed = seen.authorization === `Bearer ${this.token}`;
    if (seen.authorization !== undefined && !signed) return refuse(response, 401, null);
    if (repository.access === 'private' && !signed) return refuse(response, 401, 'RepoNotFound');
    const commit = Object.values(repository.refs).includes(revision!) ? revision! : repository.refs[revision!];
    if (commit === undefined) return refuse(response, 404, 'RevisionNotFound');
    if (action === 'revision') return json(response, { _id: '1', id: name, sha: commit, tags: repository.tags ?? [] });
    if (action === 'tree') return this.#tree(repository, url, response);
    if (repository.access === 'gated' && !signed) return refuse(response, 401, 'GatedRepo');
    this.#resolve(repository, commit, key, path!, seen, request, response);
  }

  #tree({ files }: FakeRepository, url: URL, response: ServerResponse): void {
    const names = Object.keys(files);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    if (from + 2 < names.length) {
      url.searchParams.set('cursor', String(from + 2));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    const entries = names.slice(from, from + 2).map((path) => ({ type: 'file', path, ...identify(files[path]!) }));
    json(
      response,
      from === 0 ? [{ type: 'directory', path: 'folder', oid: '0'.repeat(40), size: 0 }, ...entries] : entries,
    );
  }

  #resolve(
    { files }: FakeRepository,
    commit: string,
    key: string,
    path: string,
    seen: Seen,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const bytes = files[path];
    response.setHeader('x-repo-commit', commit);
    if (!bytes) return refuse(response, 404, 'EntryNotFound');
    const { oid, lfs } = identify(bytes);
    if (!lfs) return this.#send(seen, request, response, bytes, oid);
    response.setHeader('x-linked-etag', `"${lfs.oid}"`);
    response.setHeader('x-linked-size', String(bytes.length));
    const address = this.#files.address() as AddressInfo;
    const location = `http://127.0.0.1:${address.port}/${encodeURIComponent(key)}/${encodeURIComponent(path)}?signature=abc`;
    response.writeHead(302, { location }).end();
  }

  #send(seen: Seen, request: IncomingMessage, response: ServerResponse, given?: Uint8Array, etag?: string): void {
    const [key, path] = seen.path.slice(1).split('/').map(decodeURIComponent);
    const whole = given ?? this.repositories[key!]!.files[path!]!;
    const bytes = this.faults.tamper?.(seen, whole) ?? whole;
    const range = this.faults.ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(seen.range ?? '');
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(bytes.length, Number(range[2]) + 1) : bytes.length;
    if (range && start >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(range ? 206 : 200, {
      'content-length': end - start,
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
      ...(etag && { etag: `"${etag}"` }),
    });
    if (request.method === 'HEAD') return void response.end();
    const broken = this.faults.breakAfter?.(seen) ?? null;
    if (broken === null || start + broken >= end) return void response.end(bytes.subarray(start, end));
    response.write(bytes.subarray(start, start + broken), () => setTimeout(() => response.destroy(), 20));
  }
}

/** Size and hashes as the tree of the hub lists them. */
function identify(bytes: Uint8Array): {
  oid: string;
  size: number;
  lfs?: { oid: string; size: number; pointerSize: number };
} {
  if (bytes.length < 1024) return { oid: hex('sha1', `blob ${bytes.length}\0`, bytes), size: bytes.length };
  const oid = hex('sha256', bytes);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`;
  const lfs = { oid, size: bytes.length, pointerSize: pointer.length };
  return { oid: hex('sha1', `blob ${pointer.length}\0`, pointer), size: bytes.length, lfs };
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string | null): void {
  response.writeHead(status, code ? { 'x-error-code': code, 'x-error-message': `${code} says the hub` } : {}).end();
}
