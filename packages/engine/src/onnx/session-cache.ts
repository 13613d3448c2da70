// Compiled graphs by what they are: a program traced again runs the session that is there.
import { createHash } from 'node:crypto';
import type { WorkerThread } from '../thread/worker-thread.ts';
import type { OpenSessionRequest, TensorMessage, WorkerRequest } from './protocol.ts';

export type OnnxThread = WorkerThread<WorkerRequest, TensorMessage[]>;
type Graph = Pick<OpenSessionRequest, 'settings' | 'file' | 'externalData' | 'sharedData'>;

interface Entry {
  readonly session: number;
  readonly opened: Promise<unknown>;
  users: number;
}
export interface Lease {
  readonly session: number;
  /** The last one to let go of a session closes it. */
  release(): Promise<void>;
}

/** Graphs with more constants of their own (bytes) are not looked up: to hash a whole model's weights takes too long. */
const mostHashed = 2 ** 24;

export class SessionCache {
  private readonly entries = new Map<string, Entry>();
  private nextId = 0;

  constructor(private readonly thread: OnnxThread) {}

  /** Opens the graph, or finds it open. Errors: EngineError when ONNX Runtime refuses it. */
  async acquire(graph: Graph): Promise<Lease> {
    const key = this.keyOf(graph);
    let entry = this.entries.get(key);
    if (!entry) {
      const session = this.nextId++;
      entry = { session, opened: this.open(session, graph), users: 0 };
      this.entries.set(key, entry);
    }
    entry.users++;
    const release = () => this.release(key, entry);
    try {
      await entry.opened;
    } catch (error) {
      await release();
      throw error;
    }
    return { session: entry.session, release };
  }

  private async release(key: string, entry: Entry): Promise<void> {
    entry.users--;
    if (entry.users > 0) return;
    if (this.entries.get(key) === entry) this.entries.delete(key);
    await this.thread.call({ kind: 'closeSession', session: entry.session }).catch(() => undefined); // the thread is gone
  }

  private open(session: number, { file, externalData, ...graph }: Graph): Promise<unknown> {
    const copies = externalData.map(({ path, data }) => ({ path, data: data.slice() }));
    const buffers = [file, ...copies.map(({ data }) => data)].map(({ buffer }) => buffer as ArrayBuffer);
    return this.thread.call({ kind: 'openSession', session, file, externalData: copies, ...graph }, buffers);
  }

  /** The graph's bytes tell its structure, shapes, options and shared weights; the rest of it are its constants. */
  private keyOf({ file, externalData }: Graph): string {
    const size = externalData.reduce((total, { data }) => total + data.length, file.length);
    if (size > mostHashed) return `${this.nextId} unlike any other`;
    const hash = createHash('sha256').update(file);
    for (const { data } of externalData) hash.update(data);
    return hash.digest('base64');
  }
}
