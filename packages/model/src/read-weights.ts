import type { Arrays } from '@monosema/engine';
import { readSafetensors } from '@monosema/formats';
import type { ModelFolder } from '@monosema/hub';
import { z } from 'zod';
import type { Architecture, ModelConfig } from './architectures/architecture.ts';

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The weights of a folder, in one file or in shards. Strict: a tensor that is missing, unknown or misshapen is an error. */
export async function readWeights(
  folder: ModelFolder,
  architecture: Architecture,
  config: ModelConfig,
): Promise<Arrays> {
  const weights: Arrays = {};
  const shapes = new Map(Object.entries(architecture.weightShapes(config)));
  for (const file of await weightFiles(folder))
    for (const [name, array] of Object.entries(readSafetensors(await folder.file(file)))) {
      if (architecture.isSpareTensor(name, config)) continue;
      const shape = shapes.get(name);
      if (!shape) throw new Error(`${file} has a tensor "${name}", which ${config.architecture} does not know`);
      if (array.shape.join() !== shape.join())
        throw new Error(
          `${file}: tensor "${name}" has shape [${array.shape.join(', ')}], but config.json asks for [${shape.join(', ')}]`,
        );
      if (array.data instanceof Int32Array)
        throw new Error(`${file}: tensor "${name}" holds whole numbers, not weights`);
      weights[name] = array;
    }
  const missing = [...shapes.keys()].filter((name) => !(name in weights));
  if (missing.length > 0)
    throw new Error(
      `the weights of model "${folder.id}" lack ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
    );
  return weights;
}

async function weightFiles(folder: ModelFolder): Promise<string[]> {
  const index = 'model.safetensors.index.json';
  if (!folder.files.includes(index)) return ['model.safetensors'];
  const parsed = indexSchema.safeParse(JSON.parse(new TextDecoder().decode(await folder.file(index))));
  if (!parsed.success) throw new Error(`${index}: ${z.prettifyError(parsed.error)}`);
  return [...new Set(Object.values(parsed.data.weight_map))].sort();
}
