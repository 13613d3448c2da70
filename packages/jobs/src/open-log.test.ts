import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = `
import { openLog } from ${JSON.stringify(new URL('./open-log.ts', import.meta.url).href)};
const log = openLog('train-sae');
log.info('started');
process.once('message', () => {
  for (let i = 0; i < 50; i++) log.info({ i }, 'nobody reads this');
  process.exit(0);
});
`;

test('a worker whose reader is gone still ends: the log does not try for ever', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const [line] = (await new Promise<Buffer>((resolve) => child.stdout!.once('data', resolve))).toString().split('\n');
    expect(JSON.parse(line!)).toMatchObject({ worker: 'train-sae', msg: 'started' });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdout!.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.send('go');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
