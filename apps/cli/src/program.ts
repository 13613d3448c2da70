import { Command } from 'commander';
import { activationsCommand } from './activations/command.ts';
import { enginesCommand } from './engines/command.ts';
import { generateCommand } from './generate/command.ts';
import { saeCommand } from './sae/command.ts';
import { tokenizeCommand } from './tokenize/command.ts';
import { trainCommand } from './train/command.ts';

const exitCodes = '\nExit codes: 0 ok, 1 failure, 2 bad input, 130 cancelled by Ctrl-C.\n';

/** The whole command line. Commands load the library only when they run, so that --help is quick. */
export function buildProgram(signal: AbortSignal): Command {
  const program = new Command('monosema')
    .description('Sparse autoencoder features of language models: train, look, steer.')
    .addHelpText('after', exitCodes)
    .exitOverride();
  for (const command of [
    trainCommand(signal),
    saeCommand(signal),
    generateCommand(signal),
    activationsCommand(signal),
    tokenizeCommand(signal),
    enginesCommand(signal),
  ]) {
    program.addCommand(command.exitOverride());
  }
  return program;
}
