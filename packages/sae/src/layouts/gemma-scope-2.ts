import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import { hookPointsOf, modelOf } from './gemma-scope-2-names.ts';
import { gemmaScopeInput } from './gemma-scope-names.ts';
import { readJsonIfThere } from './json-file.ts';
import type { SaeLayout } from './layout.ts';
import { readSummedDecoders, summedDecodersNote } from './sum-decoders.ts';
import type { SaeTensors } from './tensors.ts';
import { withTensors } from './with-tensors.ts';

const paramsFile = 'params.safetensors';
const skipName = 'affine_skip_connection';

/** One layer of a cross-layer transcoder is a file, not a folder. */
const cltLayer = ({ name, file }: SaeFolder): string | null =>
  file?.endsWith('.safetensors') && /gemma-scope-2.*clt/.test(name) ? file : null;

/**
 * Gemma Scope 2: JumpReLU SAEs and transcoders of Gemma 3, some with a skip connection, and cross-layer transcoders of which
 * one layer is read. attn.hook_z is of all heads at once here, as SAELens reads it (#632).
 */
export const gemmaScope2: SaeLayout = {
  name: 'gemma-scope-2',
  files: `${paramsFile} with w_enc, perhaps config.json`,
  recognises: (folder) =>
    cltLayer(folder) !== null ||
    (folder.files.includes(paramsFile) && (folder.file === null || folder.file === paramsFile)),
  async read(folder, _, notes) {
    const config = await readJsonIfThere(folder, 'config.json');
    const architecture = config?.['architecture'];
    if (architecture !== undefined && architecture !== 'jump_relu')
      throw new SaeFormatError(
        `config.json: architecture is ${JSON.stringify(architecture)}, but only jump_relu is read`,
      );
    const path = folder.name.replaceAll('\\', '/');
    const says = { ...gemmaScopeInput, modelId: modelOf(path, config), ...hookPointsOf(path, config, notes) };
    const isTranscoder = says.hookPointOut !== null;
    const file = cltLayer(folder) ?? paramsFile;
    const sae = await withTensors(folder, file, notes, async (tensors) => {
      const { parameters, ...sizes } = await readParameters(tensors, isTranscoder, async () => {
        notes.add('converted', 'w_dec', summedDecodersNote);
        return readSummedDecoders(folder, file, 'w_dec');
      });
      if (config?.['affine_connection'] === true && !parameters.W_skip)
        throw new SaeFormatError(
          `${file}: tensor ${skipName} is missing, though config.json says affine_connection true`,
        );
      const shape = isTranscoder
        ? { architecture: parameters.W_skip ? skipTranscoder : transcoder, ...sizes }
        : { architecture: 'jumprelu' as const, dIn: sizes.dIn, dSae: sizes.dSae, subtractDecoderBias: false };
      return assembleSae({ config: shape, says, parameters, file: folder.name }, notes);
    });
    return withoutReshape(sae);
  },
};

const transcoder = 'jumprelu_transcoder' as const;
const skipTranscoder = 'jumprelu_skip_transcoder' as const;

const withoutReshape = (sae: Sae): Sae => {
  const config: SaeConfig = { ...sae.config, reshape: 'none' };
  return { ...sae, config };
};

async function readParameters(
  tensors: SaeTensors,
  isTranscoder: boolean,
  summedDecoders: () => Promise<Float32Array>,
): Promise<{ dIn: number; dSae: number; dOut: number; parameters: SaeParameters }> {
  tensors.check({
    needed: ['w_enc', 'w_dec', 'b_enc', 'b_dec', 'threshold'],
    optional: isTranscoder ? [skipName] : [],
  });
  const [dIn, dSae] = tensors.matrix('w_enc');
  const decoder = tensors.shape('w_dec');
  const dOut = decoder.at(-1) ?? 0;
  const parameters: SaeParameters = {
    W_enc: await tensors.read('w_enc', [dIn, dSae]),
    b_enc: await tensors.read('b_enc', [dSae]),
    // [d_sae, layers, d_out] of a cross-layer transcoder
    W_dec: decoder.length === 3 ? await summedDecoders() : await tensors.read('w_dec', [dSae, dOut]),
    b_dec: await tensors.read('b_dec', [dOut]),
    threshold: await tensors.read('threshold', [dSae]),
  };
  // In the file it is multiplied from the right: x @ skip.
  if (tensors.has(skipName)) parameters.W_skip = await tensors.readTransposed(skipName, [dOut, dIn]);
  return { dIn, dSae, dOut, parameters };
}
