import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaeParameters } from '../sae.ts';
import { assembleSae, type SaeFields } from './assemble-sae.ts';
import { shiftInput } from './fold-input-mean.ts';
import { readSparsifyConfig, sparsifyConfigFile, sparsifyInput, type SparsifyConfig } from './sparsify-config.ts';
import type { SaeLayout, SaidOfInput } from './layout.ts';
import { SaeTensors } from './tensors.ts';

const weightsFile = 'sae.safetensors';

/**
 * EleutherAI/sparsify: cfg.json and sae.safetensors in a folder called as the module. SAEs always subtract b_dec, transcoders
 * never do, whatever `normalize_decoder` says, and W_dec is [latents, outputs] (SAELens's reader has both wrong).
 */
export const sparsify: SaeLayout = {
  name: 'sparsify',
  files: `${sparsifyConfigFile} and ${weightsFile}`,
  recognises: ({ files, file }) =>
    files.includes(sparsifyConfigFile) &&
    files.includes(weightsFile) &&
    (file === null || file === weightsFile || file === sparsifyConfigFile),
  async read(folder, _, notes) {
    const config = await readSparsifyConfig(folder);
    const { d_in: dIn, dSae } = config;
    const says = await sparsifyInput(folder, config.transcode, notes);
    const tensors = await SaeTensors.open(folder, weightsFile, notes);
    try {
      const skip = config.skip_connection ? ['W_skip'] : [];
      tensors.check({ needed: ['encoder.weight', 'encoder.bias', 'W_dec', 'b_dec', ...skip] });
      const parameters: SaeParameters = {
        W_enc: await tensors.readTransposed('encoder.weight', [dIn, dSae]),
        b_enc: await tensors.read('encoder.bias', [dSae]),
        W_dec: await tensors.read('W_dec', [dSae, dIn]),
        b_dec: await tensors.read('b_dec', [dIn]),
        ...(config.skip_connection && { W_skip: await tensors.read('W_skip', [dIn, dIn]) }),
      };
      const dtype = tensors.precision(tensors.names);
      const parts = asHere(config, { parameters, says, dtype }, notes);
      return assembleSae({ ...parts, file: sparsifyConfigFile }, notes);
    } finally {
      await tensors.close();
    }
  },
};

interface Read {
  parameters: SaeParameters;
  says: SaidOfInput;
  dtype: NonNullable<SaeFields['dtype']>;
}

/** Whatever skips is a transcoder here, which never subtracts b_dec: an SAE's goes into the encoder's bias. */
function asHere(config: SparsifyConfig, { parameters, says, dtype }: Read, notes: LoadNotes) {
  const { d_in: dIn, dSae, k, signed, transcode, skip_connection: skips } = config;
  if (!transcode && !skips)
    return { config: { architecture: 'topk' as const, ...{ dIn, dSae, k, signed, dtype } }, says, parameters };
  const fields = { dIn, dSae, dOut: dIn, kept: k, dtype };
  if (transcode)
    return {
      config: { architecture: skips ? ('skip_transcoder' as const) : ('transcoder' as const), ...fields },
      ...{ says, parameters },
    };
  notes.add('converted', 'skip_connection', 'an SAE that skips is read as a skip transcoder onto its own hook point');
  return {
    config: { architecture: 'skip_transcoder' as const, ...fields, dtype: 'float32' as const },
    says: { ...says, hookPointOut: says.hookPoint ?? null },
    parameters: shiftInput(parameters, parameters.b_dec),
  };
}
