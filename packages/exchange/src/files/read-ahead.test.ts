import { expect, test } from 'vitest';
import { importAll, jsonl, ofKind } from '../fixtures.fixture.ts';
import { memoryFiles } from './folder-files.ts';
import { readAhead } from './read-ahead.ts';

const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A file of many pieces of 1 MiB, that says how many were asked for. */
function source(pieces: number, failsAt = Infinity) {
  const seen = { asked: 0, closed: false };
  const bytes = (async function* () {
    try {
      for (let i = 0; i < pieces; i++) {
        seen.asked++;
        await Promise.resolve();
        if (i === failsAt) throw new Error(`broken at ${i}`);
        yield new Uint8Array(2 ** 20).fill(i);
      }
    } finally {
      seen.closed = true;
    }
  })();
  return { bytes, seen };
}

test('begins at once, waits when 4 MiB are there, and gives everything in order', async () => {
  const { bytes, seen } = source(20);
  const ahead = readAhead(() => bytes);
  await tick();
  expect(seen.asked).toBe(4);
  const found: number[] = [];
  for await (const piece of ahead) found.push(piece[0]!);
  expect(found).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(seen).toEqual({ asked: 20, closed: true });
});

test('throws where the reader comes to it, after what came before', async () => {
  const ahead = readAhead(() => source(5, 2).bytes);
  await tick();
  const found: number[] = [];
  await expect(
    (async () => {
      for await (const piece of ahead) found.push(piece[0]!);
    })(),
  ).rejects.toThrow('broken at 2');
  expect(found).toEqual([0, 1]);
});

test('lets go of its file when stopped, before and while it is read', async () => {
  const [unread, half] = [source(20), source(20)];
  readAhead(() => unread.bytes).stop();
  for await (const _ of readAhead(() => half.bytes)) break;
  await tick();
  expect([unread.seen.closed, half.seen.closed]).toEqual([true, true]);
  expect(half.seen.asked).toBeLessThan(8);
});

test('aborts a file of which nothing comes', async () => {
  let aborted = false;
  async function* silent(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    await new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject((aborted = true) && new Error('aborted'))),
    );
  }
  for await (const _ of readAhead(silent)) break;
  await tick();
  expect(aborted).toBe(true);
});

test('an import begins with the next files while it reads one, and closes them when it ends early', async () => {
  const row = { modelId: 'm', layer: '3-x', index: 1, tokens: ['a'], values: [1] };
  const contents = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`activations/batch-${i}.jsonl`, jsonl([row])]),
  );
  contents['activations/batch-1.jsonl'] = Buffer.from('{"a":1}\n');
  const memory = memoryFiles('made up', contents);
  const open = new Set<string>();
  const begun: string[] = [];
  const files = {
    ...memory,
    async *read(file: Parameters<typeof memory.read>[0]) {
      begun.push(file.path.at(-7)!);
      open.add(file.path);
      try {
        yield* memory.read(file);
      } finally {
        open.delete(file.path);
      }
    },
  };
  await expect(importAll(files, { onProblem: undefined })).rejects.toThrow(
    'made up: activations/batch-1.jsonl: line 1: ',
  );
  // The first by the search for its source too.
  expect(begun).toEqual(['0', '0', '1', '2', '3']);
  await tick();
  expect(open.size).toBe(0);
  contents['activations/batch-1.jsonl'] = jsonl([row]);
  begun.length = 0;
  const whole = memoryFiles('made up', contents);
  const { records } = await importAll(
    { ...whole, read: (file) => (begun.push(file.path.at(-7)!), whole.read(file)) },
    { ahead: 0 },
  );
  expect(ofKind(records, 'example')).toHaveLength(6);
  expect(begun).toEqual(['0', '0', '1', '2', '3', '4', '5']);
});
