import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './project-root.ts';

/** Rooms that measure themselves: those with a bench/run.ts. */
export function measuredRooms(): string[] {
  return readdirSync(path.join(projectRoot, 'packages')).filter((room) => existsSync(benchOf(room)));
}

const benchOf = (room: string): string => path.join(projectRoot, 'packages', room, 'bench/run.ts');

/** `npm run bench -- engine …`: a room's benchmarks, which print tables; what follows the name goes to them. */
export async function main([room, ...args]: readonly string[]): Promise<number> {
  if (room === undefined || !measuredRooms().includes(room)) {
    console.error(
      `${room === undefined ? 'name a room' : `no benchmarks in "${room}"`}; there are: ${measuredRooms().join(', ')}`,
    );
    return 2;
  }
  const child = spawn(process.execPath, ['--import', 'tsx', benchOf(room), ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
