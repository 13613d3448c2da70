import { readFile } from 'node:fs/promises';
import { readTrainingConfig, type TrainingConfig } from '@monosema/sae/training';
import { z } from 'zod';
import { forOption } from '../exit.ts';

export interface ConfigFile extends TrainingConfig {
  /** The model as the file writes it, with its owner. */
  modelName: string;
}

const namedModel = z.looseObject({ model_name: z.string() });

/** The file of --config. @throws UsageError naming the field that is wrong */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  return forOption('--config', async () => {
    const json = parse(await readFile(path, 'utf8'), path);
    const config = readTrainingConfig(json);
    return { ...config, modelName: namedModel.parse(json).model_name };
  });
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`);
  }
}
