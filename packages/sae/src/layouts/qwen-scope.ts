import { LoadNotes } from '../checkpoint/load-note.ts';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import type { SaeLayout } from './layout.ts';
import { withTensors } from './with-tensors.ts';

const filePattern = /(?:^|\/)layer(\d+)\.sae\.pt$/;
const needed = ['W_enc', 'b_enc', 'W_dec', 'b_dec'];

/** The file that was asked for, or the only one of its kind. */
function layerFile({ file, files }: SaeFolder): string | null {
  const [first, ...more] = (file === null ? files : [file]).filter((name) => filePattern.test(name));
  return first !== undefined && more.length === 0 ? first : null;
}

/**
 * Qwen Scope: TopK SAEs of Qwen 3's residual stream, a layer a file. k and the model are in the repository's name, as in
 * SAE-Res-Qwen3-1.7B-Base-W32K-L0_50; matrices are transposed, b_dec is not subtracted.
 */
export const qwenScope: SaeLayout = {
  name: 'qwen-scope',
  files: 'layerN.sae.pt',
  async recognises(folder) {
    const file = layerFile(folder);
    if (file === null) return false;
    return withTensors(folder, file, new LoadNotes(), async (tensors) =>
      Promise.resolve(needed.every((name) => tensors.has(name))),
    );
  },
  read(folder, hints, notes) {
    const file = layerFile(folder) ?? folder.file ?? '';
    const layer = filePattern.exec(file)?.[1];
    const repository = /SAE-Res-(.+?)-W\d+K-L0_(\d+)/.exec(folder.name);
    const k = repository ? Number(repository[2]) : hints.k;
    if (k === undefined)
      throw new SaeFormatError(`${folder.name}: no name says k, as ...-L0_50 does; say it beside the files`);
    return withTensors(folder, file, notes, async (tensors) => {
      tensors.check({ needed });
      const [dSae, dIn] = tensors.matrix('W_enc');
      const parameters = {
        W_enc: await tensors.readTransposed('W_enc', [dIn, dSae]),
        b_enc: await tensors.read('b_enc', [dSae]),
        W_dec: await tensors.readTransposed('W_dec', [dSae, dIn]),
        b_dec: await tensors.read('b_dec', [dIn]),
      };
      const says = {
        modelId: repository ? `Qwen/${repository[1]}` : null,
        hookPoint: layer === undefined ? null : `blocks.${layer}.hook_resid_post`,
        ...{ contextSize: 1024, prependBos: true },
      };
      const dtype = tensors.precision(needed);
      const config = { architecture: 'topk' as const, dIn, dSae, k, subtractDecoderBias: false, dtype };
      return assembleSae({ config, says, parameters, file }, notes);
    });
  },
};
