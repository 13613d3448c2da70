import { Command } from 'commander';
import { modelHelp } from '../model-options.ts';

export interface TokenizeOptions {
  model: string;
  file?: string;
  bos: boolean;
  json?: boolean;
}

const examples = `
Examples:
  $ monosema tokenize "Once upon a time"
  $ monosema tokenize "naïve 日本" --model gpt2 --no-bos
  $ monosema tokenize --file story.txt --json | jq '.ids | length'

Per token: its number, its id, where it is in the text (characters, then bytes), and its text; a token that holds a part of a
character is marked "part". A space that the tokenizer puts in front has no place in the text. Weights are not loaded.
With --json: {"ids": [...], "tokens": [{"id", "text", "partial", "start", "end", "byteStart", "byteEnd"}]}.
`;

export function tokenizeCommand(signal: AbortSignal): Command {
  return new Command('tokenize')
    .description('the tokens of a text, and where they are in it')
    .option('-m, --model <name>', modelHelp, 'stories-260k')
    .option('--json', 'write JSON to standard output, for scripts')
    .argument('[text]', 'the text; "-" reads standard input')
    .option('--file <path>', 'take the text from a file')
    .option('--no-bos', 'do not begin with BOS')
    .addHelpText('after', examples)
    .action(async (text: string | undefined, options: TokenizeOptions) =>
      (await import('./tokenize.ts')).tokenize(text, options, signal),
    );
}
