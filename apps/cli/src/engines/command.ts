import { Argument, Command } from 'commander';

export interface ListOptions {
  bench?: boolean;
  json?: boolean;
  threads?: number;
}
export interface InstallOptions {
  force?: boolean;
  json?: boolean;
}
/** Packages that `engines install` brings. A test compares them with the engine's own list, which is slow to load. */
export const installable = ['tfjs-gpu', 'webgpu'] as const;
export type Installable = (typeof installable)[number];

const examples = `
Examples:
  $ monosema engines
  $ monosema engines --bench
  $ monosema engines install webgpu
  $ monosema engines --json | jq -r '.[] | select(.chosen).name'

Engines are tried fastest first; * marks the one that commands take (--engine or MONOSEMA_ENGINE force another).
With --json, also of install: [{"name", "available", "chosen", "description" | "reason", "onlyByName"?, "benchmark"?}],
where a benchmark is {"matmulGflops", "saeStepsPerSecond"}.
`;

const installHelp = `
  tfjs-gpu   TensorFlow for NVIDIA cards (needs CUDA 11.2 and cuDNN 8.1; several hundred MB)
  webgpu     WebGPU by Dawn, for cards with a Vulkan, Metal or D3D12 driver (about 150 MB)

Packages come from the npm registry and go to MONOSEMA_ENGINES, or engines/ in the data folder (MONOSEMA_DATA, default
.monosema). A failed or cancelled install leaves nothing behind.
`;

export function enginesCommand(signal: AbortSignal): Command {
  const install = new Command('install')
    .description('install what an engine needs')
    .addArgument(new Argument('<package>', 'what to install').choices(installable))
    .option('--force', 'install again what is already there')
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', installHelp)
    .exitOverride()
    .action(async (name: Installable, options: InstallOptions, command: Command) =>
      (await import('./install.ts')).installEngine(name, { ...command.parent?.opts(), ...options }, signal),
    );
  return new Command('engines')
    .description('what can run the arrays on this machine, and how fast')
    .option('--bench', 'measure each engine for some seconds')
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', examples)
    .action(async (options: ListOptions) => (await import('./list.ts')).listEnginesHere(options, signal))
    .addCommand(install);
}
