import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { workspacePackages } from './boundaries.ts';
import { projectRoot } from './project-root.ts';

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  private: z.boolean().optional(),
  exports: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()).optional(),
});
type Manifest = z.infer<typeof manifestSchema>;

interface LibraryPackage {
  folder: string;
  manifest: Manifest;
}

/** The packages that are published: those that are not private. */
export function libraryPackages(): LibraryPackage[] {
  return workspacePackages()
    .map(({ folder }) => ({ folder, manifest: manifestSchema.safeParse(JSON.parse(readFileSync(path.join(projectRoot, folder, 'package.json'), 'utf8'))).data }))
    .filter((entry): entry is LibraryPackage => entry.manifest !== undefined && entry.manifest.private !== true);
}

/**
 * Compiles every package of the library to JavaScript and declarations, and lays each out as npm would install it:
 * `exports` point to `dist` instead of `src`. Returns the folder of each package by name.
 */
export function packLibrary(outFolder: string): Map<string, string> {
  const packages = libraryPackages();
  const compiled = path.join(outFolder, 'compiled');
  compile(packages, outFolder, compiled);
  return new Map(packages.map((entry) => [entry.manifest.name, layOut(entry, packages, compiled, path.join(outFolder, 'packages'))]));
}

function compile(packages: readonly LibraryPackage[], outFolder: string, compiled: string): void {
  mkdirSync(outFolder, { recursive: true });
  const settings = path.join(outFolder, 'tsconfig.json');
  const at = (pattern: string): string[] => packages.map(({ folder }) => path.join(projectRoot, folder, pattern));
  writeFileSync(
    settings,
    JSON.stringify({
      extends: path.join(projectRoot, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: projectRoot,
        outDir: compiled,
        types: ['node'],
        typeRoots: [path.join(projectRoot, 'node_modules/@types')],
      },
      include: at('src'),
      exclude: [...at('**/*.test.ts'), ...at('**/*.fixture.ts'), ...at('**/fixtures/**')],
    }),
  );
  execFileSync(process.execPath, [path.join(projectRoot, 'node_modules/typescript/bin/tsc'), '-p', settings], { stdio: 'inherit' });
}

function layOut({ folder, manifest }: LibraryPackage, packages: readonly LibraryPackage[], compiled: string, target: string): string {
  const home = path.join(target, ...manifest.name.split('/'));
  mkdirSync(home, { recursive: true });
  cpSync(path.join(compiled, folder, 'src'), path.join(home, 'dist'), { recursive: true });
  copyAssets(path.join(projectRoot, folder, 'src'), path.join(home, 'dist'));
  for (const extra of ['README.md', 'data']) {
    const source = path.join(projectRoot, folder, extra);
    if (existsSync(source)) cpSync(source, path.join(home, extra), { recursive: true });
  }
  const version = (name: string, range: string): string => packages.find((entry) => entry.manifest.name === name)?.manifest.version ?? range;
  const { devDependencies: _, ...published } = manifest;
  const dependencies = Object.fromEntries(Object.entries(manifest.dependencies ?? {}).map(([name, range]) => [name, version(name, range)]));
  const entry = (source: string): { types: string; default: string } => {
    const stem = source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '');
    return { types: `${stem}.d.ts`, default: `${stem}.js` };
  };
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([door, source]) => [door, entry(source)]));
  writeFileSync(path.join(home, 'package.json'), JSON.stringify({ ...published, exports, dependencies }, null, 2));
  return home;
}

/** What the code reads at run time beside itself: WebAssembly, worker entries in plain JavaScript, JSON. */
function copyAssets(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    if (entry.isDirectory() && entry.name !== 'fixtures') copyAssets(source, path.join(to, entry.name));
    else if (/\.(wasm|mjs|json)$/.test(entry.name)) cpSync(source, path.join(to, entry.name), { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [outFolder] = process.argv.slice(2);
  if (!outFolder) throw new Error('usage: pack-library.ts OUT_FOLDER');
  for (const [name, folder] of packLibrary(path.resolve(outFolder))) console.log(`${name}  ${folder}`);
}
