import { readFileSync, readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './project-root.ts';

/** Every package of the workspace, by its folder: what a check over packages must have seen. */
export function workspacePackages(root = projectRoot): { name: string; folder: string }[] {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(path.join(root, parent)).map((name) => path.join(parent, name));
  });
  return folders
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      name: (JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as { name: string }).name,
    }));
}

/**
 * Reads what `turbo boundaries` prints. It passes only when it found nothing and saw every package
 * (turbo counts the root as one more).
 */
export function judgeBoundaries(output: string, packageCount: number): { ok: boolean; reason: string } {
  const summary = /Checked (\d+) files? in (\d+) packages?, (no|\d+) issues? found/.exec(output);
  if (!summary) return { ok: false, reason: 'turbo boundaries printed no summary' };
  const [, files, packages, issues] = summary;
  if (Number(packages) < packageCount) return { ok: false, reason: `saw ${packages} packages of ${packageCount}` };
  if (Number(files) < packageCount) return { ok: false, reason: `saw only ${files} files` };
  if (issues !== 'no') return { ok: false, reason: `${issues} issues` };
  return { ok: true, reason: `${files} files in ${packages} packages` };
}
