import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './project-root.ts';

/** What can be measured, and the room whose bench/run.ts measures it. */
const rooms: Record<string, string> = {
  engine: 'packages/engine',
  model: 'packages/model',
  sae: 'packages/sae',
  dashboards: 'packages/pipeline',
  storage: 'db',
  search: 'packages/search',
};

export const measuredRooms = (): string[] => Object.keys(rooms).filter((name) => existsSync(benchOf(name)));

const benchOf = (name: string): string => path.join(projectRoot, rooms[name] ?? name, 'bench/run.ts');

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
