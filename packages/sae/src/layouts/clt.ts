import { SaeFormatError } from '../checkpoint/format-error.ts';
import { assembleSae } from './assemble-sae.ts';
import { readCircuitConfig } from './circuit-config.ts';
import type { SaeFolder } from './folder.ts';
import type { SaeLayout } from './layout.ts';
import { readSummedDecoders, summedDecodersNote } from './sum-decoders.ts';
import { withTensors } from './with-tensors.ts';

const encoderPattern = /^W_(?:enc|dec)_(\d+)\.safetensors$/;

/**
 * A cross-layer transcoder of circuit-tracer, as mntss's of Gemma 2: one layer of it, read as a transcoder of that layer
 * alone. Its latents write to later layers too; their decoders are summed, which says where a latent points, but gives no
 * reconstruction.
 */
export const clt: SaeLayout = {
  name: 'clt',
  files: 'W_enc_N.safetensors, W_dec_N.safetensors and config.yaml',
  recognises: ({ file, files }) =>
    files.includes('config.yaml') &&
    (file === null ? files.some((name) => encoderPattern.test(name)) : encoderPattern.test(file)),
  async read(folder, _, notes) {
    const layer = layerOf(folder);
    const config = await readCircuitConfig(folder);
    const hookOf = (hook: string | undefined): string | null => (hook === undefined ? null : `blocks.${layer}.${hook}`);
    const file = `W_enc_${layer}.safetensors`;
    return withTensors(folder, file, notes, async (tensors) => {
      const [encoder, b_enc, b_dec, threshold] = ['W_enc', 'b_enc', 'b_dec', 'threshold'].map(
        (name) => `${name}_${layer}`,
      );
      tensors.check({ needed: [encoder!, b_enc!, b_dec!], optional: [threshold!] });
      const [dSae, dIn] = tensors.matrix(encoder!);
      const decoder = await readSummedDecoders(folder, `W_dec_${layer}.safetensors`, `W_dec_${layer}`);
      notes.add('converted', `W_dec_${layer}`, summedDecodersNote);
      const dOut = decoder.length / dSae;
      const gated = tensors.has(threshold!);
      const parameters = {
        W_enc: await tensors.readTransposed(encoder!, [dIn, dSae]),
        b_enc: await tensors.read(b_enc!, [dSae]),
        W_dec: decoder,
        b_dec: await tensors.read(b_dec!, [dOut]),
        ...(gated && { threshold: await tensors.read(threshold!, [dSae]) }),
      };
      const says = {
        modelId: config.model_name ?? null,
        hookPoint: hookOf(config.feature_input_hook),
        hookPointOut: hookOf(config.feature_output_hook),
      };
      const architecture = gated ? ('jumprelu_transcoder' as const) : ('transcoder' as const);
      return assembleSae({ config: { architecture, dIn, dSae, dOut }, says, parameters, file }, notes);
    });
  },
};

function layerOf({ name, file, files }: SaeFolder): string {
  const layers = new Set(
    (file === null ? files : [file]).flatMap((candidate) => encoderPattern.exec(candidate)?.[1] ?? []),
  );
  const [layer, ...more] = layers;
  if (layer === undefined) throw new SaeFormatError(`${name} has no W_enc_N.safetensors`);
  if (more.length > 0)
    throw new SaeFormatError(
      `${name} has ${layers.size} layers: name one of them, as in ${name}/W_enc_${layer}.safetensors`,
    );
  return layer;
}
