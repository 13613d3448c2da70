import { Command } from 'commander';
import { addSaeOptions, type SaeOptions } from '../sae-options.ts';

export interface PushOptions extends SaeOptions {
  model?: string;
  path?: string;
  private?: boolean;
  licence?: string;
  baseModel?: string;
  message?: string;
  replaceCard?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const examples = `
Examples:
  $ monosema sae push ./my-sae me/my-sae --dry-run        # the files and the card, nothing is sent
  $ monosema sae push ./my-sae me/my-sae --private --licence mit
  $ monosema sae push ./sweep me/gpt2-saes --path layer-6 # every SAE of the folder
  $ monosema sae push ./ae.pt me/my-sae --hook blocks.3.hook_resid_post --model EleutherAI/pythia-70m

The repository is made when there is none, and all files go in one commit. An SAE lies in a folder of the repository, by default
of its hook point's name, in the layout of SAELens 6: SAE.from_pretrained("me/my-sae", "blocks.2.hook_resid_post") loads it
there, "monosema sae info me/my-sae/blocks.2.hook_resid_post" here. README.md tells what the SAEs are, how they were trained
and measured, and how they are loaded; one that a person wrote is left alone without --replace-card.
The token is taken from HF_TOKEN or the token file of Python's huggingface_hub, and is shown nowhere.
With --json: {"repository", "commit", "created", "files", "card"}.
`;

export function pushCommand(signal: AbortSignal): Command {
  return addSaeOptions(new Command('push').description('publish SAEs on the Hugging Face hub, with a card'))
    .argument('<sae>', 'an SAE as in the other commands, or a folder of folders of SAEs')
    .argument('<repository>', 'owner/name on the hub, or owner/name@branch')
    .option('-m, --model <name>', 'model that it is of, where the files do not say')
    .option('--path <folder>', 'folder of the repository (default: the hook point, or the names of the folders)')
    .option('--private', 'make the repository a private one')
    .option('--licence <id>', 'licence of the SAEs, as the hub names it: mit, apache-2.0, …')
    .option('--base-model <owner/name>', 'the model on the hub, for the card')
    .option('--message <text>', 'title of the commit')
    .option('--replace-card', 'write README.md also over one that a person wrote')
    .option('--dry-run', 'show what would be pushed, without the network')
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', examples)
    .action(async (reference: string, repository: string, options: PushOptions) =>
      (await import('./push.ts')).push(reference, repository, options, signal),
    );
}
