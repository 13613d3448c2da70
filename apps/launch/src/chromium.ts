import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium on this machine, from CHROMIUM, the PATH or Playwright's own folder. */
function installedChromium(wanted: string | undefined, ownPath: string): string | null {
  if (wanted) {
    if (existsSync(wanted)) return wanted;
    throw new Error(`CHROMIUM names ${wanted}, which does not exist`);
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find((file) => existsSync(file));
  return found ?? (existsSync(ownPath) ? ownPath : null);
}

/**
 * A Chromium to test with: one that is here, else Playwright's download, else Debian's package (as root).
 *
 * @throws Error that says how to install one
 */
export async function findChromium(wanted: string | undefined): Promise<string> {
  const { chromium } = await import('@playwright/test');
  const find = (): string | null => installedChromium(wanted, chromium.executablePath());
  const attempts: (() => unknown)[] = [
    () => run('npx', ['playwright', 'install', 'chromium']),
    () => process.getuid?.() === 0 && run('apt-get', ['update']) && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']),
  ];
  for (const attempt of attempts) {
    const found = find();
    if (found) return found;
    attempt();
  }
  const found = find();
  if (found) return found;
  throw new Error('no Chromium here, and none could be installed: install the package chromium, or set CHROMIUM to a browser');
}

function run(command: string, args: string[]): boolean {
  console.log(`  ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}
