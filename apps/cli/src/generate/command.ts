import { Command } from 'commander';
import { addModelOptions, type ModelOptions } from '../model-options.ts';
import { finiteNumber, positiveInteger, steeringTerms, wholeNumber, type SteeringTerm } from '../option-values.ts';

export interface GenerateOptions extends ModelOptions {
  tokens: number;
  temperature: number;
  seed: number;
  sae?: string;
  steer?: SteeringTerm[];
}

const examples = `
Examples:
  $ monosema generate "Once upon a time"
  $ monosema generate "Once upon a time" "One day" --tokens 60 --temperature 0.8 --seed 7
  $ monosema generate "Once upon a time" --sae ./my-sae --steer 123:6 --steer 7:-2
  $ monosema generate "Once upon a time" --json | jq -r '.[0].text'

Steering adds STRENGTH × the unit decoder direction of FEATURE at the SAE's hook point, at every position.
With --json: [{"prompt", "text", "ids"}], where text is the continuation.
`;

export function generateCommand(signal: AbortSignal): Command {
  const command = new Command('generate').description('continue prompts, steered by features if you like');
  return addModelOptions(command)
    .argument('<prompts...>', 'texts to continue')
    .option('-n, --tokens <n>', 'tokens to add', positiveInteger, 100)
    .option('--temperature <x>', '0 takes the likeliest token each time', finiteNumber, 0)
    .option('--seed <n>', 'seed of the choice when the temperature is above 0', wholeNumber, 42)
    .option('--sae <folder>', 'SAE in SAELens layout, for --steer')
    .option('--steer <feature:strength>', 'steer by a feature; may be repeated', steeringTerms)
    .addHelpText('after', examples)
    .action(async (prompts: string[], options: GenerateOptions) =>
      (await import('./generate.ts')).generateText(prompts, options, signal),
    );
}
