import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enginesFolder, findPackage, listEngines, optionalPackages, type OptionalPackage } from '@monosema/engine';
import { CancelledError } from '../exit.ts';
import { Progress, writeJson } from '../terminal.ts';
import type { Installable, InstallOptions } from './command.ts';
import { table } from './list.ts';
import { runNpm } from './npm.ts';

/** `monosema engines install`: brings a package and says whether its engine works now. */
export async function installEngine(
  name: Installable,
  { force = false, json }: InstallOptions,
  signal: AbortSignal,
): Promise<void> {
  const engine = name === 'webgpu' ? 'tfjs-webgpu' : name;
  const wanted = optionalPackages[engine];
  const folder = enginesFolder();
  const progress = new Progress();
  if (force || findPackage(wanted, folder) === undefined) {
    await bring(wanted, folder, progress, signal);
    progress.line(`${wanted.package} ${wanted.version} is in ${path.join(folder, name)}`);
  } else {
    progress.line(`${wanted.package} is already there; --force installs it again`);
  }
  const listings = await listEngines({ only: [engine], signal });
  if (json) writeJson(listings);
  else process.stdout.write(table(listings));
}

/** Installs beside the place and moves it there when all went well: what is in place is whole. */
async function bring(wanted: OptionalPackage, folder: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const place = path.join(folder, wanted.shortName);
  const staging = path.join(folder, `.${wanted.shortName}-${process.pid}`);
  removeAbandoned(folder, wanted.shortName);
  mkdirSync(staging, { recursive: true });
  try {
    // npm runs install scripts only of packages that are allowed to.
    const manifest = { private: true, allowScripts: { [wanted.package]: true } };
    writeFileSync(path.join(staging, 'package.json'), JSON.stringify(manifest, null, 2));
    await withClock(`installing ${wanted.package} ${wanted.version}`, progress, (onLine) =>
      runNpm(
        [
          ...['install', `${wanted.package}@${wanted.version}`, '--save-exact', '--prefix', staging],
          ...['--no-audit', '--no-fund', '--no-package-lock', '--foreground-scripts', '--workspaces=false'],
        ],
        { signal, onLine },
      ),
    );
    rmSync(place, { recursive: true, force: true });
    renameSync(staging, place);
  } catch (error) {
    if (signal.aborted) throw new CancelledError(`${wanted.package} is not installed`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${wanted.package} is not installed: ${reason}`, { cause: error });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Half-installs of processes that were killed. */
function removeAbandoned(folder: string, shortName: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    const owner = entry.startsWith(`.${shortName}-`) ? Number(entry.slice(shortName.length + 2)) : Number.NaN;
    if (Number.isInteger(owner) && !isRunning(owner))
      rmSync(path.join(folder, entry), { recursive: true, force: true });
  }
}

function isRunning(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch {
    return false;
  }
}

/** Shows that something goes on: how long it takes so far, and what was written last. */
async function withClock(
  title: string,
  progress: Progress,
  work: (onLine: (line: string) => void) => Promise<void>,
): Promise<void> {
  const start = Date.now();
  let last = '';
  const show = (): void => progress.update(`${title} … ${Math.round((Date.now() - start) / 1000)} s ${last}`.trimEnd());
  const timer = setInterval(show, 500);
  show();
  try {
    await work((line) => {
      last = line.trim();
    });
  } finally {
    clearInterval(timer);
    progress.clear();
  }
}
