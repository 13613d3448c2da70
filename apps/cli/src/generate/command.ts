import { Command } from 'commander';
import { addModelOptions, defaultModel, type ModelOptions } from '../model-options.ts';
import {
  finiteNumber,
  positiveInteger,
  several,
  share,
  steeringTerms,
  wholeNumber,
  type SteeringTerm,
} from '../option-values.ts';
import { saeHelp } from '../sae/sae-options.ts';

export interface GenerateOptions extends ModelOptions {
  tokens: number;
  temperature: number;
  topK?: number;
  topP?: number;
  frequencyPenalty: number;
  presencePenalty: number;
  stop?: string[];
  seed: number;
  sae?: string;
  steer?: SteeringTerm[];
}

const examples = `
Examples:
  $ monosema generate "Once upon a time"
  $ monosema generate "Once upon a time" "One day" --tokens 60 --temperature 0.8 --seed 7
  $ monosema generate "The capital of France is" --model gpt2 --temperature 0.7 --top-p 0.9 --stop .
  $ monosema generate "Once upon a time" --sae ./my-sae --steer 123:6 --steer 7:-2
  $ monosema generate "Once upon a time" --json | jq -r '.[0].text'

Steering adds STRENGTH × the unit decoder direction of FEATURE at the SAE's hook point, at every position.
A single text is written as it comes. With --json: [{"prompt", "text", "ids", "end"}], where text is the continuation and end
is "length", "stopToken" or "stopString".
`;

export function generateCommand(signal: AbortSignal): Command {
  const command = new Command('generate').description('continue prompts, steered by features if you like');
  return addModelOptions(command, `${defaultModel}, with --sae the SAE's own`)
    .argument('<prompts...>', 'texts to continue')
    .option('-n, --tokens <n>', 'tokens to add', positiveInteger, 100)
    .option('--temperature <x>', '0 takes the likeliest token each time', finiteNumber, 0)
    .option('--top-k <n>', 'draw from the n likeliest tokens only', positiveInteger)
    .option('--top-p <x>', 'draw from the likeliest tokens that have this probability together', share)
    .option('--frequency-penalty <x>', 'taken off a logit for each time the text has its token', finiteNumber, 0)
    .option('--presence-penalty <x>', 'taken off a logit once the text has its token', finiteNumber, 0)
    .option('--stop <text>', 'end before this text; may be repeated', several)
    .option('--seed <n>', 'seed of the choice when the temperature is above 0', wholeNumber, 42)
    .option('--sae <name>', `SAE for --steer: ${saeHelp}`)
    .option('--steer <feature:strength>', 'steer by a feature; may be repeated', steeringTerms)
    .addHelpText('after', examples)
    .action(async (prompts: string[], options: GenerateOptions) =>
      (await import('./generate.ts')).generateText(prompts, options, signal),
    );
}
