import { expect, test } from 'vitest';
import { RunFeed, type ListenToRuns } from './run-feed.ts';

function fakeChannel() {
  const channel = { listeners: 0, say: (_runId: string | null): void => {} };
  const listen: ListenToRuns = async (onRun) => {
    channel.listeners++;
    channel.say = onRun;
    return { unlisten: async () => void channel.listeners-- };
  };
  return { channel, feed: new RunFeed(listen) };
}

const never = 2 ** 30;

test('one listener serves every watcher, and only those of the run wake', async () => {
  const { channel, feed } = fakeChannel();
  const [a, b, other] = await Promise.all([feed.watch('run_a'), feed.watch('run_a'), feed.watch('run_b')]);
  expect(channel.listeners).toBe(1);
  const woken: string[] = [];
  const abort = new AbortController();
  const waits = [a.change(never).then(() => woken.push('a')), b.change(never).then(() => woken.push('b'))];
  const otherWait = other.change(never, abort.signal).then(() => woken.push('other'));
  channel.say('run_a');
  await Promise.all(waits);
  expect(woken.sort()).toEqual(['a', 'b']);
  abort.abort();
  await otherWait;
  for (const watch of [a, b, other]) watch.close();
  await feed.close();
  expect(channel.listeners).toBe(0);
});

test('a change while nobody waits is not lost, and is told once', async () => {
  const { channel, feed } = fakeChannel();
  const watch = await feed.watch('run_a');
  channel.say('run_a');
  channel.say('run_a');
  await watch.change(never);
  const abort = new AbortController();
  const second = watch.change(never, abort.signal).then(() => 'woken');
  expect(await Promise.race([second, Promise.resolve('waiting')])).toBe('waiting');
  abort.abort();
  await second;
});

test('a connection that came back wakes everybody', async () => {
  const { channel, feed } = fakeChannel();
  const watch = await feed.watch('run_a');
  const wait = watch.change(never);
  channel.say(null);
  await wait;
});

test('an ending process wakes everybody', async () => {
  const { feed } = fakeChannel();
  const watch = await feed.watch('run_a');
  const wait = watch.change(never);
  expect(feed.isEnded).toBe(false);
  feed.end();
  await wait;
  expect(feed.isEnded).toBe(true);
});

test('the timeout ends a wait', async () => {
  const { feed } = fakeChannel();
  await (await feed.watch('run_a')).change(1);
});

test('when listening fails, the next watcher tries again', async () => {
  let tries = 0;
  const feed = new RunFeed(() => {
    tries++;
    return tries === 1 ? Promise.reject(new Error('no database')) : Promise.resolve({ unlisten: async () => {} });
  });
  await expect(feed.watch('run_a')).rejects.toThrow('no database');
  await feed.watch('run_a');
  expect(tries).toBe(2);
});
