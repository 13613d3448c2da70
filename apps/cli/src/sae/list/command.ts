import { Command } from 'commander';

export interface ListOptions {
  json?: boolean;
}

const examples = `
Examples:
  $ monosema sae list                        # the releases
  $ monosema sae list gemma-2-2b             # those of a model, or with a word in their name
  $ monosema sae list gpt2-small-res-jb      # the SAEs of a release
  $ monosema sae list --json | jq -r '.[].release'

The list is the one that SAELens has, and is part of the program: nothing is fetched. What nobody stated is left empty.
With --json: [{"release", "model", "repository", "saes"}], or of a release [{"saeId", "l0", "explainedVariance", …}].
`;

export function listCommand(signal: AbortSignal): Command {
  return new Command('list')
    .description('published SAEs, which the other commands take as release/sae-id')
    .argument('[name]', 'a release, or a word of its name, its model or its repository')
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, options: ListOptions) => {
      signal.throwIfAborted();
      (await import('./list.ts')).list(name, options);
    });
}
