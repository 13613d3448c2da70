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
export const optionalPackages: Partial<Record<EngineName, OptionalPackage>> = {
  'tfjs-gpu': { shortName: 'tfjs-gpu', package: '@tensorflow/tfjs-node-gpu', version: '4.22.0' },
  'tfjs-webgpu': { shortName: 'webgpu', package: 'webgpu', version: '0.6.2' },
};

/** The file that loads a package: beside this library, else in the engines folder; undefined where it is in neither. */
export function findPackage(name: string, enginesFolder: string): string | undefined {
  for (const from of [import.meta.url, path.join(enginesFolder, 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // not there
    }
  }
  return undefined;
}
