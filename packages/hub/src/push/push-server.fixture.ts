import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface PushedRepository {
  private: boolean;
  files: Record<string, Uint8Array>;
  titles: string[];
}

interface Seen {
  readonly host: 'hub' | 'store';
  readonly line: string;
  readonly authorization: string | undefined;
}

/** Files of this ending are large ones, as the hub's .gitattributes says. */
const large = /\.safetensors$/;

/**
 * A server on the loopback interface that takes pushes as huggingface.co does: create, preupload, LFS batch (basic, and in
 * parts above `partBytes`), commit. Large files go to another host, which must not see the token.
 */
export class PushServer {
  readonly seen: Seen[] = [];
  readonly repositories: Record<string, PushedRepository> = {};
  readonly token = 'hf_secretOfThePushes';
  partBytes = Infinity;
  /** Status to answer a request line with in place of the hub's, and what it says. */
  fault: (line: string) => { status: number; error?: string } | null = () => null;
  readonly #stored = new Map<string, Buffer>();
  readonly #parts = new Map<string, Buffer[]>();
  readonly #hub = createServer((request, response) => void this.#answer('hub', request, response));
  readonly #store = createServer((request, response) => void this.#answer('store', request, response));

  static async start(): Promise<PushServer> {
    const server = new PushServer();
    for (const each of [server.#hub, server.#store])
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  async close(): Promise<void> {
    for (const each of [this.#hub, this.#store]) {
      each.closeAllConnections();
      await new Promise((resolve) => each.close(resolve));
    }
  }

  async #answer(host: Seen['host'], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url!, this.endpoint).pathname);
    const line = `${request.method} ${path}`;
    const { authorization } = request.headers;
    this.seen.push({ host, line, authorization });
    const body = await buffer(request);
    const fault = this.fault(line);
    if (fault) return send(response, fault.status, fault.error === undefined ? {} : { error: fault.error });
    if (host === 'store') return this.#keep(path, body, response);
    if (authorization !== `Bearer ${this.token}`) return send(response, 401, { error: 'Invalid credentials' });
    const [, name = '', rest = ''] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? /^\/([^/]+\/[^/]+)\.git\/(.+)$/.exec(path) ?? [];
    if (path.startsWith('/complete/')) return this.#complete(path.slice('/complete/'.length), jsonOf(body), response);
    if (line === 'POST /api/repos/create') return this.#create(jsonOf(body), response);
    const repository = this.repositories[name];
    if (!repository) return send(response, 404, { error: 'Repository not found' }, 'RepoNotFound');
    if (rest.startsWith('revision/'))
      return send(response, 200, { _id: '1', id: name, private: repository.private, sha: '1'.repeat(40) });
    if (/^(preupload|commit)\//.test(rest) && !rest.endsWith('/main'))
      return send(response, 404, { error: 'Invalid rev id' }, 'RevisionNotFound');
    if (rest.startsWith('preupload/')) return this.#preupload(jsonOf(body), response);
    if (rest === 'info/lfs/objects/batch') return this.#batch(jsonOf(body), response);
    if (rest.startsWith('commit/')) return this.#commit(repository, body.toString(), response);
    send(response, 404, { error: line });
  }

  #create(body: { name: string; organization: string; visibility?: string }, response: ServerResponse): void {
    const name = `${body.organization}/${body.name}`;
    if (this.repositories[name]) return send(response, 409, { error: 'You already created this model repo' });
    this.repositories[name] = { private: body.visibility === 'private', files: {}, titles: [] };
    send(response, 200, { url: `${this.endpoint}/${name}`, id: '1' });
  }

  #preupload({ files }: { files: { path: string; size: number; sample: string }[] }, response: ServerResponse): void {
    const answers = files.map(({ path }) => ({ path, uploadMode: large.test(path) ? 'lfs' : 'regular' }));
    send(response, 200, { files: answers });
  }

  #batch({ objects }: { objects: { oid: string; size: number }[] }, response: ServerResponse): void {
    const answers = objects.map(({ oid, size }) => {
      if (this.#stored.has(oid)) return { oid, size };
      const store = addressOf(this.#store);
      if (size <= this.partBytes) return { oid, size, actions: { upload: { href: `${store}/whole/${oid}` } } };
      const header: Record<string, string> = { chunk_size: String(this.partBytes) };
      for (let part = 1; (part - 1) * this.partBytes < size; part++)
        header[String(part).padStart(5, '0')] = `${store}/part/${oid}/${part}`;
      return { oid, size, actions: { upload: { href: `${this.endpoint}/complete/${oid}`, header } } };
    });
    send(response, 200, { transfer: 'basic', objects: answers });
  }

  #keep(path: string, body: Buffer, response: ServerResponse): void {
    const [kind, oid, part] = path.slice(1).split('/');
    response.setHeader('etag', `"${part ?? 'whole'}"`);
    if (kind === 'whole') this.#stored.set(oid!, body);
    else this.#parts.set(oid!, Object.assign(this.#parts.get(oid!) ?? [], { [Number(part) - 1]: body }));
    send(response, 200, {});
  }

  #complete(oid: string, { parts }: { parts: { etag: string }[] }, response: ServerResponse): void {
    const held = this.#parts.get(oid) ?? [];
    if (parts.length !== held.length || parts.some(({ etag }, i) => etag !== `"${i + 1}"`))
      return send(response, 400, { error: 'parts are missing' });
    this.#stored.set(oid, Buffer.concat(held));
    send(response, 200, {});
  }

  #commit(repository: PushedRepository, lines: string, response: ServerResponse): void {
    const files: Record<string, Uint8Array> = {};
    for (const line of lines.split('\n')) {
      const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> };
      if (key === 'header') repository.titles.push(value['summary']!);
      if (key === 'file') files[value['path']!] = Buffer.from(value['content']!, 'base64');
      if (key !== 'lfsFile') continue;
      const bytes = this.#stored.get(value['oid']!);
      if (!bytes || createHash('sha256').update(bytes).digest('hex') !== value['oid'])
        return send(response, 422, { error: `${value['path']} was not uploaded` });
      files[value['path']!] = bytes;
    }
    Object.assign(repository.files, files);
    send(response, 200, { commitOid: 'c'.repeat(40), commitUrl: `${this.endpoint}/commit`, hookOutput: '' });
  }
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const jsonOf = <T>(body: Buffer): T => JSON.parse(body.toString()) as T;

function send(response: ServerResponse, status: number, value: unknown, code?: string): void {
  const headers = { 'content-type': 'application/json', ...(code && { 'x-error-code': code }) };
  response.writeHead(status, headers).end(JSON.stringify(value));
}
