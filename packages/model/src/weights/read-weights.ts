import type { Arrays } from '@monosema/engine';
import type { TensorFile } from '@monosema/formats';
import type { Architecture, WeightSource } from '../architectures/architecture.ts';
import type { TransformerConfig } from '../transformer/config.ts';
import { weightShapes } from '../transformer/weight-shapes.ts';
import { arrange } from './arrange.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * The weights of a checkpoint under `weightShapes`'s names, read tensor by tensor, so that no second copy of them all exists.
 * Strict: a tensor that is missing, unknown or misshapen is an error that names it.
 */
export async function readWeights(
  { files }: Pick<Checkpoint, 'files'>,
  architecture: Pick<Architecture, 'weightSources' | 'isSpareTensor' | 'checkSpareTensor' | 'tensorName'>,
  config: TransformerConfig,
): Promise<Arrays> {
  const shapes = weightShapes(config);
  const sources = architecture.weightSources(config);
  const byTensor = new Map<string, string[]>();
  for (const weight of Object.keys(shapes)) {
    const { tensor } = sourceOf(sources, weight, config);
    byTensor.set(tensor, [...(byTensor.get(tensor) ?? []), weight]);
  }
  const weights: Arrays = {};
  for (const { name: file, tensors } of files)
    for (const stored of tensors.tensors.keys()) {
      const tensor = architecture.tensorName?.(stored) ?? stored;
      if (architecture.isSpareTensor(tensor, config)) {
        architecture.checkSpareTensor?.(tensor, await tensors.read(stored), config);
        continue;
      }
      const targets = byTensor.get(tensor);
      if (!targets) throw new Error(`${file} has a tensor "${stored}", which ${config.architecture} does not know`);
      const data = await readTensor(file, tensors, stored, sources[targets[0]!]!);
      for (const weight of targets) {
        if (weight in weights) throw new Error(`${file}: tensor "${stored}" is there twice`);
        weights[weight] = { data: arrange(data, sources[weight]!), shape: shapes[weight]! };
      }
    }
  const missing = [...byTensor.entries()].filter(([, targets]) => !(targets[0]! in weights)).map(([tensor]) => tensor);
  if (missing.length > 0) throw new Error(`the weights lack ${listed(missing)}`);
  return weights;
}

function sourceOf(
  sources: Record<string, WeightSource>,
  weight: string,
  { architecture }: TransformerConfig,
): WeightSource {
  const source = sources[weight];
  if (!source) throw new Error(`${architecture} does not say where its weight ${weight} comes from`);
  return source;
}

async function readTensor(
  file: string,
  tensors: TensorFile,
  name: string,
  { shape }: WeightSource,
): Promise<Float32Array> {
  const found = tensors.tensors.get(name)!.shape;
  if (found.join() !== shape.join())
    throw new Error(
      `${file}: tensor "${name}" has shape [${found.join(', ')}], but config.json asks for [${shape.join(', ')}]`,
    );
  const { data } = await tensors.read(name);
  if (data instanceof Int32Array) throw new Error(`${file}: tensor "${name}" holds whole numbers, not weights`);
  return data;
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
