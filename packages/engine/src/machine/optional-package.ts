// Packages that are too large, or too particular to a machine, to be dependencies.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { EngineName } from '../engine.ts';

export interface OptionalPackage {
  /** What people call it: `monosema engines install` takes this name. */
  shortName: 'tfjs-gpu' | 'webgpu';
  package: string;
  /** The version that this library was tested with. */
  version: string;
}

/** Engines that need a package of their own, which `monosema engines install` brings. */
export const optionalPackages = {
  'tfjs-gpu': { shortName: 'tfjs-gpu', package: '@tensorflow/tfjs-node-gpu', version: '4.22.0' },
  'tfjs-webgpu': { shortName: 'webgpu', package: 'webgpu', version: '0.6.2' },
} as const satisfies Partial<Record<EngineName, OptionalPackage>>;

/**
 * The file that loads a package: beside this library, else in the engines folder, where each package has a folder of its own
 * named by its short name; undefined where it is in neither.
 */
export function findPackage({ package: name, shortName }: OptionalPackage, enginesFolder: string): string | undefined {
  for (const from of [import.meta.url, path.join(enginesFolder, shortName, 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // not there
    }
  }
  return undefined;
}
