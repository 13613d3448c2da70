import { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import type { SaidOfInput, SaeLayout } from './layout.ts';
import { withTensors } from './with-tensors.ts';

/** Llama-3.1-8B-Instruct-SAE-l19.pth: model and layer. */
const filePattern = /([^/]+)-SAE-l(\d+)\.pth?$/;

interface LinearSaeFile {
  file: string;
  model: string | null;
  layer: number | null;
}

/** The file of a folder that is named after its model: the one that was asked for, or the only one. */
function namedAfterModel({ file, files }: SaeFolder): LinearSaeFile | null {
  const [first, ...more] = (file === null ? files : [file]).filter((name) => filePattern.test(name));
  if (first === undefined || more.length > 0) return null;
  const [, model, layer] = filePattern.exec(first)!;
  return { file: first, model: model!, layer: Number(layer) };
}

/**
 * A layout of torch files with two `torch.nn.Linear` around a ReLU, named after model and layer; b_dec is not subtracted.
 * The names of its tensors say whose it is.
 */
export function linearSaeLayout(layout: {
  name: SaeLayout['name'];
  encoder: string;
  decoder: string;
  /** Before the model's name on the hub. */
  owner: string;
  says: SaidOfInput;
}): SaeLayout {
  const { encoder, decoder, owner } = layout;
  const needed = [`${encoder}.weight`, `${encoder}.bias`, `${decoder}.weight`, `${decoder}.bias`];
  return {
    name: layout.name,
    files: `MODEL-SAE-lN.pt with ${needed[0]} and ${needed[3]}`,
    async recognises(folder) {
      const named = namedAfterModel(folder);
      if (named === null) return false;
      return withTensors(folder, named.file, new LoadNotes(), async (tensors) =>
        Promise.resolve(needed.every((name) => tensors.has(name))),
      );
    },
    read(folder, _, notes): Promise<Sae> {
      const { file, model, layer } = namedAfterModel(folder) ?? { file: folder.file ?? '', model: null, layer: null };
      return withTensors(folder, file, notes, async (tensors) => {
        tensors.check({ needed });
        const [dSae, dIn] = tensors.matrix(needed[0]!);
        const parameters = {
          W_enc: await tensors.readTransposed(needed[0]!, [dIn, dSae]),
          b_enc: await tensors.read(needed[1]!, [dSae]),
          W_dec: await tensors.readTransposed(needed[2]!, [dSae, dIn]),
          b_dec: await tensors.read(needed[3]!, [dIn]),
        };
        const says = {
          ...layout.says,
          modelId: model === null ? null : `${owner}/${model}`,
          hookPoint: layer === null ? null : `blocks.${layer}.hook_resid_post`,
        };
        const dtype = tensors.precision(needed);
        const config = { architecture: 'standard' as const, dIn, dSae, subtractDecoderBias: false, dtype };
        return assembleSae({ config, says, parameters, file }, notes);
      });
    },
  };
}
