import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Answer {
  status?: number;
  code?: string;
  headers?: Record<string, string>;
  /** JSON, or bytes. */
  body?: unknown;
}

/**
 * A hub on the loopback interface that takes a push and gives back what was pushed: enough of huggingface.co for one branch
 * and one store. The client itself is tested in packages/hub.
 */
export class LoopbackHub {
  readonly token = 'hf_secretOfTheTests';
  readonly repositories: Record<string, { private: boolean; files: Record<string, Uint8Array>; commits: string[] }> =
    {};
  readonly #stored = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
      const signed = request.headers.authorization === `Bearer ${this.token}`;
      send(response, this.#answer(request.method!, path, body, signed), request.method === 'HEAD');
    });
  });

  static async start(): Promise<LoopbackHub> {
    const hub = new LoopbackHub();
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(method: string, path: string, body: Buffer, signed: boolean): Answer {
    if (path.startsWith('/store/')) {
      this.#stored.set(path.slice('/store/'.length), body);
      return {};
    }
    if (method !== 'GET' && method !== 'HEAD' && !signed) return { status: 401, body: { error: 'not signed' } };
    if (path === '/api/repos/create') {
      const { name, organization, visibility } = JSON.parse(body.toString()) as Record<string, string>;
      this.repositories[`${organization}/${name}`] = { private: visibility === 'private', files: {}, commits: [] };
      return { body: { url: `${this.endpoint}/${organization}/${name}`, id: '1' } };
    }
    const [, name = '', action = '', rest = ''] =
      /^(?:\/api\/models)?\/([^/]+\/[^/.]+)(?:\.git)?\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    const repository = this.repositories[name];
    if (!repository || (repository.private && !signed)) return { status: 401, code: 'RepoNotFound' };
    const { files, commits } = repository;
    const sha = createHash('sha1').update(String(commits.length)).digest('hex');
    if (action === 'revision') return { body: { _id: '1', id: name, private: repository.private, sha, tags: [] } };
    if (action === 'tree')
      return { body: Object.entries(files).map(([file, bytes]) => ({ type: 'file', path: file, ...identity(bytes) })) };
    if (action === 'resolve') return resolved(files, rest.slice(rest.indexOf('/') + 1), sha);
    if (action === 'preupload') {
      const { files: wanted } = JSON.parse(body.toString()) as { files: { path: string }[] };
      const mode = (file: string): string => (file.endsWith('.safetensors') ? 'lfs' : 'regular');
      return { body: { files: wanted.map((file) => ({ path: file.path, uploadMode: mode(file.path) })) } };
    }
    if (action === 'info') {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
      const upload = (oid: string) => ({ upload: { href: `${this.endpoint}/store/${oid}` } });
      return { body: { transfer: 'basic', objects: objects.map((each) => ({ ...each, actions: upload(each.oid) })) } };
    }
    if (action !== 'commit') return { status: 404, body: { error: `${method} ${path}` } };
    for (const line of body.toString().split('\n')) {
      const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> };
      if (key === 'header') commits.push(value['summary']!);
      if (key === 'file') files[value['path']!] = Buffer.from(value['content']!, 'base64');
      if (key === 'lfsFile') files[value['path']!] = this.#stored.get(value['oid']!)!;
    }
    return { body: { commitOid: 'c'.repeat(40), commitUrl: `${this.endpoint}/${name}/commit`, hookOutput: '' } };
  }
}

function resolved(files: Record<string, Uint8Array>, path: string, commit: string): Answer {
  const bytes = files[path];
  if (!bytes) return { status: 404, code: 'EntryNotFound', headers: { 'x-repo-commit': commit } };
  const { oid, lfs } = identity(bytes);
  return { body: bytes, headers: { etag: `"${lfs?.oid ?? oid}"`, 'x-repo-commit': commit } };
}

/** Files above a kilobyte count as large ones. */
function identity(bytes: Uint8Array): { oid: string; size: number; lfs?: { oid: string; size: number } } {
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (bytes.length < 1024) return { oid, size: bytes.length };
  return {
    oid,
    size: bytes.length,
    lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length },
  };
}

function send(response: ServerResponse, { status = 200, code, headers, body = {} }: Answer, isHead: boolean): void {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
    'content-length': bytes.length,
    ...(code !== undefined && { 'x-error-code': code }),
    ...headers,
  });
  response.end(isHead ? undefined : bytes);
}
