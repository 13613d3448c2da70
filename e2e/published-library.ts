import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** An empty folder in which the packed library is installed as npm would lay it out, away from the repository. */
export function installPackedLibrary(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'monosema-library-'));
  execFileSync(process.execPath, ['--import', 'tsx', path.join(root, 'apps/launch/src/pack-library.ts'), folder], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@monosema'), { recursive: true });
  for (const name of readdirSync(path.join(folder, 'packages/@monosema'))) {
    // npm pack decides what is published; the tarball is what gets unpacked here.
    const home = path.join(folder, 'packages/@monosema', name);
    const [tarball] = JSON.parse(execFileSync('npm', ['pack', '--json', '--silent', '--ignore-scripts'], { cwd: home, encoding: 'utf8' })) as { filename: string }[];
    const target = path.join(modules, '@monosema', name);
    mkdirSync(target);
    execFileSync('tar', ['-xzf', path.join(home, tarball!.filename), '-C', target, '--strip-components=1']);
  }
  linkThirdParty(path.join(root, 'node_modules'), modules);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The library's own dependencies come from the repository's node_modules: the registry is not what is tested. */
function linkThirdParty(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (name.startsWith('.') || name === '@monosema') continue;
    if (!existsSync(path.join(to, name))) symlinkSync(path.join(from, name), path.join(to, name));
  }
}
