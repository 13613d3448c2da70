import { assembleSae } from './assemble-sae.ts';
import { gemmaScopeInput, gemmaScopeNames } from './gemma-scope-names.ts';
import { hasParams, isGemmaTranscoder, paramsFile, readJumpRelu } from './gemma-scope.ts';
import type { SaeLayout } from './layout.ts';
import { withTensors } from './with-tensors.ts';

/** Gemma Scope's transcoders: from the normalised input of an MLP, without the norm's weight, to what the MLP writes. */
export const gemmaTranscoder: SaeLayout = {
  name: 'gemma-transcoder',
  files: `${paramsFile} of a transcoder`,
  recognises: (folder, hints) => hasParams(folder) && isGemmaTranscoder(folder, hints),
  read: (folder, _, notes) =>
    withTensors(folder, paramsFile, notes, async (tensors) => {
      const { modelId, layer } = gemmaScopeNames(folder);
      const { dIn, dSae, dOut, parameters } = await readJumpRelu(tensors);
      const hookPoints = {
        hookPoint: layer === null ? null : `blocks.${layer}.ln2.hook_normalized`,
        hookPointOut: layer === null ? null : `blocks.${layer}.hook_mlp_out`,
      };
      return assembleSae(
        {
          config: { architecture: 'jumprelu_transcoder', dIn, dSae, dOut },
          says: { ...gemmaScopeInput, modelId, ...hookPoints },
          parameters,
          file: folder.name,
        },
        notes,
      );
    }),
};
